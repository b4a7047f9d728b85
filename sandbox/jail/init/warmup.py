"""What every candidate's interpreter is about to do, done before the fork, so often that nothing is left to learn.

CPython specialises code as it runs, and remembers where types keep their methods. Both are writes: a forked process
pays for each with a copy of the page.
"""

import importlib.machinery
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types

_TIMES = 24
_TYPICAL = """
import sys, math, heapq, bisect, collections, itertools, functools, string, re
from collections import defaultdict, deque, Counter

def f(a, b=1, *rest, **named):
    return a + b

class A:
    def __init__(self, x):
        self.x = x
    def __lt__(self, other):
        return self.x < other.x

def g(n):
    for i in range(n):
        yield i

n = int(input())
first, *others = map(int, input().split())
rows = [list(map(int, sys.stdin.readline().split())) for _ in range(n)]
text = sys.stdin.read().strip()
d = defaultdict(list)
for i, row in enumerate(rows):
    d[i].append(sum(row))
    for j in row:
        if j % 2 == 0 and j not in d:
            d[j] = [min(j, i), max(j, i), abs(j)]
q = deque([1, 2])
q.append(3); q.popleft(); q.extend(g(3))
h = []
heapq.heappush(h, (1, 2)); heapq.heappush(h, (0, 1)); heapq.heappop(h)
c = Counter("abca")
s = {1, 2} | {3}
s.add(5); s.discard(1)
words = text.split()
words.sort(key=lambda w: (len(w), w)); sorted(words, reverse=True)
t = "".join(reversed(text)).upper().lower().replace("a", "b")
x = f(1.5, 2) * 2 ** 3 // 2 - 1 / 3
try:
    {}["a"]
except KeyError as e:
    y = str(e)
while n > 0:
    n -= 1
z = {k: v for k, v in zip("ab", range(2))}
z.get("a"); z.items(); z.setdefault("q", []).append(1)
b = bisect.bisect_left([1, 2], 2)
a = A(f(1, b=2)); sorted([A(2), A(1)])
print(n, first, f"{x:.2f} {t!r}", *others, sep=" ", end="\\n")
print("\\n".join(map(str, sorted(s))))
sys.stdout.write("%d %s\\n" % (n, y))
"""
_IMPORTED = frozenset(("bisect", "collections", "functools", "heapq", "itertools", "math", "re", "string"))
_INPUT = "2\n1 2 3\n4 5\n6 7\nsome words here\n"


def warm() -> None:
    """Compiles and runs a typical program a few times over, on files that lead nowhere, and leaves `site` as often.

    Only where its modules are there already: a candidate finds none that its runtime does not promise.
    """
    if not sys.modules.keys() >= _IMPORTED:
        return
    streams = sys.stdin, sys.stdout
    try:
        for _ in range(_TIMES):
            with _file(_INPUT) as sys.stdin, _file() as sys.stdout:
                exec(compile(_TYPICAL, "main.py", "exec"), {"__name__": "__main__"})
    finally:
        sys.stdin, sys.stdout = streams
    _leave_site()


def _file(text: str = "") -> "io.TextIOWrapper":
    """A real file, as the standard streams are."""
    fd = os.memfd_create("warm")
    os.pwrite(fd, text.encode(), 0)
    return open(fd, "w" if not text else "r", encoding="utf-8")


class _NoCustomization(importlib.machinery.SourceFileLoader):
    """Finds a `sitecustomize` that says that there is none, as the init's own will in every candidate."""

    code = compile("raise ImportError(name='sitecustomize')", "sitecustomize.py", "exec")

    def find_spec(self, name: str, path: object = None, target: object = None) -> "importlib.machinery.ModuleSpec":
        return importlib.machinery.ModuleSpec(name, self)

    def get_code(self, fullname: str) -> "types.CodeType":
        return self.code


def _leave_site() -> None:
    """The way from the init to a candidate's `main.py`, without either of them."""
    sys.meta_path.insert(0, _NoCustomization("sitecustomize", "sitecustomize.py"))
    try:
        for _ in range(_TIMES):
            sys.modules["site"].execsitecustomize()
    finally:
        del sys.meta_path[0]
    # What the interpreter itself asks for next, from C.
    external = sys.modules["_frozen_importlib_external"]
    for owner, name in (
        (sys.modules["_frozen_importlib"], "_bootstrap_external"),
        (external, "_RAW_MAGIC_NUMBER"),
        (external, "SourceFileLoader"),
    ):
        getattr(owner, name)

"""What every candidate's interpreter is about to do, done before the fork, so often that nothing is left to learn.

CPython specialises code as it runs, and remembers where types keep their methods. Both are writes: a forked process
pays for each with a copy of the page.
"""

import io
import sys

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
    """Compiles and runs a typical program a few times over, on streams that lead nowhere.

    Only where its modules are there already: a candidate finds none that its runtime does not promise.
    """
    if not sys.modules.keys() >= _IMPORTED:
        return
    streams = sys.stdin, sys.stdout
    try:
        for _ in range(_TIMES):
            sys.stdin = io.TextIOWrapper(io.BytesIO(_INPUT.encode()), "utf-8")
            sys.stdout = io.TextIOWrapper(io.BytesIO(), "utf-8")
            exec(compile(_TYPICAL, "main.py", "exec"), {"__name__": "__main__"})
    finally:
        sys.stdin, sys.stdout = streams

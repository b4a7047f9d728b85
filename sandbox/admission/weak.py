"""Programs that solve nothing, for the tests of one job. A sound problem lets none of them pass.

    null        prints nothing; its functions return None
    echo        prints its input; its functions return their first argument
    constant    prints one output, or returns one value: those that the tests expect most often

A Python program answers to every kind at once, since one job may hold several.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sandbox.admission.expected import expected_outputs, expected_values
from sandbox.admission.vectors import Role
from sandbox.judge.lifting import Refusal, sole_function
from sandbox.v1 import job_pb2

CONSTANTS = 4
_PRINTING = frozenset({"stdio", "checker"})
_CALLED = frozenset({"call", "asserts"})
_LABEL = 40
_FIRST_ARGUMENT = "next(iter((*args, *kwargs.values())), None)"


@dataclass(frozen=True, slots=True)
class WeakProgram:
    """One program that must fail, and what a report calls it."""

    role: Role
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Weak:
    """The weak programs of a job. `missing` are the kinds of its tests that they cannot answer to."""

    programs: tuple[WeakProgram, ...]
    missing: tuple[str, ...]


def weak_programs(request: job_pb2.ScoreRequest) -> Weak:
    """All weak programs of a job, in its own language."""
    kinds = {test.WhichOneof("kind") or "" for test in request.tests}
    language = request.program.language
    functions = _functions(request)
    if language == "python":
        known = _PRINTING | (_CALLED if functions else frozenset())
        made = [*_printing(request, _python_writer(functions)), *_returning(request, functions)]
    elif language in _WRITERS:
        known, made = _PRINTING, [*_printing(request, _WRITERS[language])]
    else:
        known, made = frozenset(), []
    return Weak(tuple(made) if kinds & known else (), tuple(sorted(kinds - known)))


_Writer = Callable[[Role, bytes], str]


def _printing(request: job_pb2.ScoreRequest, write: _Writer) -> Iterator[WeakProgram]:
    yield WeakProgram(Role.NULL, "null", write(Role.NULL, b""))
    yield WeakProgram(Role.ECHO, "echo", write(Role.ECHO, b""))
    for output in expected_outputs(request.tests)[:CONSTANTS]:
        label = f"prints {_shortened(repr(output.decode(errors='replace').rstrip()))}"
        yield WeakProgram(Role.CONSTANT, label, write(Role.CONSTANT, output))


def _returning(request: job_pb2.ScoreRequest, functions: Iterable[str]) -> Iterator[WeakProgram]:
    for value in expected_values(request.tests)[:CONSTANTS]:
        source = _definitions(functions, value)
        yield WeakProgram(Role.CONSTANT, f"returns {_shortened(value)}", source)


def _shortened(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def _functions(request: job_pb2.ScoreRequest) -> list[str]:
    """The functions that the tests call, by their dotted names."""
    found = dict.fromkeys(name for test in request.tests if (name := _function(test, request.program.entry_point)))
    return [name for name in found if all(_is_name(part) for part in name.split("."))]


def _function(test: job_pb2.Test, entry_point: str) -> str:
    kind = test.WhichOneof("kind")
    if kind == "call":
        return test.call.function or entry_point
    if kind != "asserts" or entry_point:
        return entry_point if kind == "asserts" else ""
    try:
        return sole_function(test.asserts.code, test.asserts.setup)
    except Refusal:
        return ""


def _is_name(part: str) -> bool:
    return part.isidentifier() and not keyword.iskeyword(part)


class _Class(dict[str, "_Class | None"]):
    """Names of a scope; None is a function."""


def _definitions(functions: Iterable[str], value: str) -> str:
    """Python source in which every one of these returns `value`, an expression over `args` and `kwargs`."""
    top = _Class()
    for name in functions:
        *classes, last = name.split(".")
        scope = top
        for each in classes:
            inner = scope.get(each)
            if inner is None:
                inner = scope[each] = _Class()
            scope = inner
        scope.setdefault(last, None)
    return "\n".join(_lines(top, "", value)) + "\n"


def _lines(scope: _Class, indent: str, value: str) -> Iterator[str]:
    own = "self, " if indent else ""
    for name, inner in scope.items():
        if inner is None:
            yield f"{indent}def {name}({own}*args, **kwargs):"
            yield f"{indent}    return {value}"
        else:
            yield f"{indent}class {name}:"
            yield from _lines(inner, indent + "    ", value)


def _python_writer(functions: Iterable[str]) -> _Writer:
    def write(role: Role, output: bytes) -> str:
        value = _FIRST_ARGUMENT if role is Role.ECHO else "None"
        written = {Role.ECHO: "sys.stdin.buffer.read()"}.get(role, repr(output))
        main = f"if __name__ == '__main__':\n    import sys\n    sys.stdout.buffer.write({written})\n"
        return _definitions(functions, value) + ("" if role is Role.NULL else main)

    return write


def _c(role: Role, output: bytes) -> str:
    """C that C++ compiles, too."""
    if role is Role.NULL:
        return "int main(void) { return 0; }\n"
    if role is Role.ECHO:
        return "#include <stdio.h>\nint main(void) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }\n"
    numbers = ",".join(map(str, output))
    return (
        f"#include <stdio.h>\nstatic const unsigned char text[] = {{{numbers}}};\n"
        "int main(void) { fwrite(text, 1, sizeof text, stdout); return 0; }\n"
    )


_WRITERS: Mapping[str, _Writer] = {"c": _c, "cpp": _c}

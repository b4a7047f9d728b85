"""What the tests of a job expect, most frequent first: the constants that a lazy program would answer with.

Outputs come from `stdio` and `checker` tests, byte for byte; values from `call` tests, and from asserts that hold one
side of an `==` or `is` against a literal (`assert f(x)` expects True, `assert not f(x)` False). Values that asserts
compute, or look at in another way, are not found.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from sandbox.admission.literals import NoLiteral, python_source
from sandbox.judge.values.trusted import InvalidPlainJson, parse_json_value
from sandbox.problems.source import parse
from sandbox.v1 import job_pb2

# Longer constants are answers, not guesses.
_LONGEST = 1 << 16


def expected_outputs(tests: Iterable[job_pb2.Test]) -> list[bytes]:
    """Each output that is expected, once; white space alone is none, since a program that prints nothing says it."""
    found = Counter(output for test in tests for output in _outputs(test))
    return [output for output, _ in found.most_common() if output.strip() and len(output) <= _LONGEST]


def expected_values(tests: Iterable[job_pb2.Test]) -> list[str]:
    """Each value that is expected, once, as Python source. None is left out, since an empty function returns it."""
    found = Counter(source for test in tests for source in _values(test))
    return [source for source, _ in found.most_common() if source != "None" and len(source) <= _LONGEST]


def _outputs(test: job_pb2.Test) -> Iterator[bytes]:
    kind = test.WhichOneof("kind")
    if kind == "stdio":
        yield test.stdio.expected_stdout_bytes or test.stdio.expected_stdout.encode("utf-8", "surrogatepass")
    elif kind == "checker":
        yield test.checker.answer_bytes or test.checker.answer.encode("utf-8", "surrogatepass")


def _values(test: job_pb2.Test) -> Iterator[str]:
    kind = test.WhichOneof("kind")
    if kind == "call" and test.call.expected_json:
        try:
            yield python_source(parse_json_value(test.call.expected_json))
        except (InvalidPlainJson, NoLiteral):
            return
    elif kind == "asserts":
        yield from _asserted(test.asserts.code)


def _asserted(code: str) -> Iterator[str]:
    try:
        tree = parse(code)
    except (SyntaxError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assert):
            continue
        match node.test:
            case ast.Call():
                yield "True"
            case ast.UnaryOp(op=ast.Not(), operand=ast.Call()):
                yield "False"
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                yield from [ast.unparse(side) for side in (left, right) if _is_literal(side)][:1]


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True

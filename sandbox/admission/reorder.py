"""Whether an answer failed by its order alone: then the test may want one order of many.

What a program printed is known, and is compared again here, in any order. What a function returned is not: its test is
run once more under a comparator that is blind to order, as often as the right program ran, and each run has to pass.
An answer that also differs in more than its order is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.admission.vectors import Role, Vector
from sandbox.judge.comparators import text_comparator
from sandbox.judge.values.trusted import InvalidPlainJson, parse_json_value
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

# Value comparators that compare in order.
_IN_ORDER = frozenset({"", "py_eq", "python_eq", "approx", "evalplus"})
_lines, _tokens = (text_comparator("unordered", {"unit": unit}) for unit in ("line", "token"))


def printed_in_another_order(request: job_pb2.ScoreRequest, vectors: Iterable[Vector]) -> frozenset[int]:
    """The tests of which the right program printed all that is expected, in another order, and failed by it."""
    gold = [vector for vector in vectors if vector.role is Role.GOLD and vector.outputs]
    return frozenset(
        number
        for number, test in enumerate(request.tests)
        if test.WhichOneof("kind") == "stdio"
        for vector in gold
        if vector.stages[number] is Stage.WRONG_ANSWER
        and (printed := vector.outputs[number]) is not None
        and _reordered(printed, test.stdio)
    )


def may_be_reordered(request: job_pb2.ScoreRequest, vectors: Iterable[Vector]) -> list[int]:
    """The `call` tests that the right program failed in some run, and that compare several members in order."""
    gold = [vector for vector in vectors if vector.role is Role.GOLD]
    return [
        number
        for number, test in enumerate(request.tests)
        if any(vector.stages[number] is Stage.WRONG_ANSWER for vector in gold) and _has_order(test)
    ]


def blind_to_order(request: job_pb2.ScoreRequest, numbers: Iterable[int]) -> job_pb2.ScoreRequest:
    """The job with these `call` tests alone, which accept the members in any order."""
    blind = job_pb2.ScoreRequest()
    blind.CopyFrom(request)
    blind.ClearField("tests")
    blind.ClearField("canaries")
    for number in numbers:
        test = blind.tests.add()
        test.CopyFrom(request.tests[number])
        test.call.comparator.CopyFrom(job_pb2.Comparator(name="unordered"))
    return blind


def _reordered(printed: bytes, test: job_pb2.StdioTest) -> bool:
    expected = test.expected_stdout_bytes or test.expected_stdout.encode("utf-8", "surrogatepass")
    if printed.split() == expected.split():
        return False  # it failed by its white space
    compare = _lines if len(expected.split(b"\n", 2)) > 2 else _tokens
    return compare(printed, expected).score == 1.0


def _has_order(test: job_pb2.Test) -> bool:
    if test.WhichOneof("kind") != "call" or test.call.comparator.name not in _IN_ORDER:
        return False
    try:
        expected = parse_json_value(test.call.expected_json)
    except InvalidPlainJson:
        return False
    return isinstance(expected, list | tuple) and len(expected) > 1

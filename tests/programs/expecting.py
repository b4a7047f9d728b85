"""What a case expects of its answer: read from its `[expect]` table, and compared with what came."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sandbox.v1 import verdict_pb2

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expect:
    """What the answer must say. None means that a case does not ask."""

    status: tuple[str, ...] = ()
    passed: bool | None = None
    tests: tuple[tuple[str, ...], ...] | None = None
    scores: tuple[float, ...] | None = None
    reward: float | None = None
    checks: tuple[int, int] | None = None
    signal: int | None = None
    exit_code: int | None = None
    stdout_contains: str | None = None
    stderr_contains: str | None = None
    stderr_matches: str | None = None
    build_contains: str | None = None
    alarms: tuple[str, ...] | None = None
    rejected_field: tuple[str, ...] = ()
    fault: tuple[str, ...] = ()
    fault_contains: str | None = None


def read_expect(table: Table, *, tests: int) -> Expect:
    """The table of a case with so many tests; ValueError when anything about it is not as it should be."""
    only(table, {field.name for field in fields(Expect)}, "expect.")
    if len({"status", "rejected_field", "fault"} & table.keys()) != 1:
        raise ValueError("expect: exactly one of status, rejected_field and fault is needed")
    values: dict[str, Any] = {key: _EXPECT_READERS[key](item, f"expect.{key}") for key, item in table.items()}
    expect = Expect(**values)
    if expect.status and expect.passed is not (expect.status == ("ACCEPTED",)):
        raise ValueError("expect.passed: true for ACCEPTED alone, false otherwise")
    for key in ("tests", "scores"):
        if key in values and len(values[key]) != tests:
            raise ValueError(f"expect.{key}: {len(values[key])} for {tests} tests")
    return expect


def only(table: Table, known: set[str], prefix: str) -> None:
    """ValueError where the table has a key that nothing reads."""
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {prefix}{key}")


def text(value: Any, key: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}: text is needed, not {value!r}")
    return value


def flag(value: Any, key: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{key}: true or false is needed, not {value!r}")
    return value


def _whole(value: Any, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key}: a whole number is needed, not {value!r}")
    return value


def _number(value: Any, key: str) -> float:
    return value if isinstance(value, float) and math.isfinite(value) else float(_whole(value, key))


def _pattern(value: Any, key: str) -> str:
    try:
        return re.compile(text(value, key)).pattern
    except re.error as error:
        raise ValueError(f"{key}: {error}") from error


def _names(value: Any, key: str) -> tuple[str, ...]:
    return tuple(text(item, key) for item in (value if isinstance(value, list) else [value]))


def _statuses(value: Any, key: str) -> tuple[str, ...]:
    names = _names(value, key)
    for name in names:
        if name == "STATUS_UNSPECIFIED" or name not in verdict_pb2.Status.keys():  # noqa: SIM118
            raise ValueError(f"{key}: no status {name}")
    if not names:
        raise ValueError(f"{key}: a status is needed")
    return names


def _faults(value: Any, key: str) -> tuple[str, ...]:
    names = _names(value, key)
    unknown = [name for name in names if name not in verdict_pb2.FaultKind.keys()]  # noqa: SIM118
    if unknown or not names:
        raise ValueError(f"{key}: no kind of fault {unknown}")
    return names


def _each_status(value: Any, key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_statuses(item, key) for item in value)


def _numbers(value: Any, key: str) -> tuple[float, ...]:
    return tuple(_number(item, key) for item in value)


def _checks(value: Any, key: str) -> tuple[int, int]:
    only(value, {"total", "passed"}, f"{key}.")
    return _whole(value["total"], key), _whole(value["passed"], key)


_EXPECT_READERS = {
    "status": _statuses,
    "passed": flag,
    "tests": _each_status,
    "scores": _numbers,
    "reward": _number,
    "checks": _checks,
    "signal": _whole,
    "exit_code": _whole,
    "stdout_contains": text,
    "stderr_contains": text,
    "stderr_matches": _pattern,
    "build_contains": text,
    "alarms": _names,
    "rejected_field": _names,
    "fault": _faults,
    "fault_contains": text,
}


# Comparing


def compare(expect: Expect, response: verdict_pb2.ScoreResponse, *, scheduled: int) -> Iterator[str]:
    """What in the answer is not as expected, a sentence each."""
    wanted = "fault" if expect.fault else "rejected" if expect.rejected_field else "verdict"
    if response.WhichOneof("outcome") != wanted:
        yield f"a {wanted} was expected, but the outcome is {_told(response)}"
    elif wanted == "rejected":
        yield from _rejection(expect, response.rejected)
    elif wanted == "fault":
        yield from _fault(expect, response.fault)
    else:
        yield from _verdict(expect, response.verdict)
        yield from _tests(expect, response.verdict, scheduled=scheduled)
        if response.verdict.tests:
            yield from _first_test(expect, response.verdict.tests[0])


def _told(response: verdict_pb2.ScoreResponse) -> str:
    match response.WhichOneof("outcome"):
        case "fault":
            fault = response.fault
            return f"a fault: {verdict_pb2.FaultKind.Name(fault.kind)} {fault.message!r} at test {fault.test_id!r}"
        case "rejected":
            return f"a rejection of {response.rejected.field!r}: {response.rejected.message!r}"
        case "verdict":
            return f"a verdict: {verdict_pb2.Status.Name(response.verdict.status)}"
        case _:
            return "missing"


def _rejection(expect: Expect, rejected: verdict_pb2.Rejected) -> Iterator[str]:
    if rejected.field not in expect.rejected_field:
        yield f"the field at fault is {rejected.field!r}, expected {_either(expect.rejected_field)}"
    if not rejected.message:
        yield "the rejection has no message"


def _fault(expect: Expect, fault: verdict_pb2.Fault) -> Iterator[str]:
    kind = verdict_pb2.FaultKind.Name(fault.kind)
    if kind not in expect.fault:
        yield f"the fault is {kind}, expected {_either(expect.fault)}: {fault.message!r}"
    if expect.fault_contains is not None and expect.fault_contains not in fault.message:
        yield f"the fault's message lacks {expect.fault_contains!r}: {_start(fault.message)}"


def _verdict(expect: Expect, verdict: verdict_pb2.Verdict) -> Iterator[str]:
    status = verdict_pb2.Status.Name(verdict.status)
    if status not in expect.status:
        yield f"the status is {status}, expected {_either(expect.status)}"
    if verdict.passed is not (status == "ACCEPTED"):
        yield f"passed is {verdict.passed} beside status {status}"
    if not verdict.HasField("reward"):
        yield "a verdict without a reward"
    elif expect.reward is not None and not math.isclose(verdict.reward, expect.reward, abs_tol=1e-9):
        yield f"the reward is {verdict.reward}, expected {expect.reward}"
    if expect.build_contains is not None and expect.build_contains not in verdict.build.messages:
        yield f"the build's messages lack {expect.build_contains!r}: {_start(verdict.build.messages)}"
    alarms = sorted(verdict.integrity.alarms)
    if expect.alarms is not None and alarms != sorted(expect.alarms):
        yield f"the alarms are {alarms}, expected {sorted(expect.alarms)}"


def _tests(expect: Expect, verdict: verdict_pb2.Verdict, *, scheduled: int) -> Iterator[str]:
    if len(verdict.tests) != scheduled:
        yield f"{len(verdict.tests)} tests are answered, {scheduled} were sent"
        return
    for number, test in enumerate(verdict.tests):
        status = verdict_pb2.Status.Name(test.status)
        if expect.tests is not None and status not in expect.tests[number]:
            yield f"test {number} is {status}, expected {_either(expect.tests[number])} ({_start(test.detail)})"
        if expect.scores is not None and not math.isclose(test.score, expect.scores[number], abs_tol=1e-9):
            yield f"test {number} scores {test.score}, expected {expect.scores[number]}"


def _first_test(expect: Expect, test: verdict_pb2.TestResult) -> Iterator[str]:
    exit_code = test.exit_code if test.HasField("exit_code") else None
    facts = (
        ("signal", expect.signal, test.signal),
        ("exit code", expect.exit_code, exit_code),
        ("pair of checks, total and passed,", expect.checks, (test.checks.total, test.checks.passed)),
    )
    for what, wanted, got in facts:
        if wanted is not None and got != wanted:
            yield f"the {what} is {got}, expected {wanted}"
    texts = (("stdout", expect.stdout_contains, test.stdout), ("stderr", expect.stderr_contains, test.stderr))
    for what, part, whole in texts:
        if part is not None and part not in whole:
            yield f"{what} lacks {part!r}: {_start(whole)}"
    if expect.stderr_matches is not None and not re.fullmatch(expect.stderr_matches, test.stderr):
        yield f"stderr is not {expect.stderr_matches!r}: {_start(test.stderr)}"


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _start(text: str) -> str:
    return repr(text if len(text) <= 500 else text[:500] + "...")

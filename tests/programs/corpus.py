r"""The corpus of test programs: each a folder with a program and the verdict that it must get.

A folder is called ``<language>_<what>`` and holds ``main.py``, ``main.c`` or ``main.cpp`` (or a tree under
``files/``) and a ``case.toml``:

    why = "one sentence: what this case shows"
    language = "python"             # a runtime
    policy = "default"              # optional
    slow = true                     # optional: takes more than three seconds
    [job]                           # any other field of ScoreRequest, by its name in the proto
    [[tests]]                       # fields of Test, by their names in the proto
    [expect]
    status = "ACCEPTED"             # of the verdict; a list where several are right
    passed = true
    tests = ["ACCEPTED"]            # optional from here on; one status, or list of statuses, per test
    scores = [1.0]                  # one per test
    reward = 1.0
    checks = { total = 3, passed = 3 }                  # of the first test, as are the next three lines
    exit_code = 3                                       # or signal = 11
    stdout_contains = "3"                               # or stderr_contains
    stderr_matches = 'File ".*main\.py", line 1\n'      # the whole of it, as a regular expression
    build_contains = "error:"       # the compiler's messages
    alarms = ["oracle_from_candidate"]                  # exactly these
    rejected_field = "program.language"                 # in place of status: the job must be rejected

Large data are described, not stored: a key ``NAME_gen`` becomes ``NAME``, built from one part or a list of parts:

    { text = "3\n" }    { repeat = "1 2\n", times = 1000 }    { hex = "ff00", times = 8 }
    { count = [1, 500], separator = " " }                # 1 2 3 ... 500

A key that nothing reads is an error that names the file and the key.
"""

from __future__ import annotations

import base64
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2

from sandbox.v1 import job_pb2, verdict_pb2

FOLDER = Path(__file__).parent
RUNTIMES = ("python", "c", "cpp")

Table = Mapping[str, Any]


class CaseError(ValueError):
    """A case that cannot be read. The message names the file and the key."""


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


@dataclass(frozen=True, slots=True)
class Case:
    """One program, its tests, and the verdict that it must get."""

    name: str
    why: str
    job: Table
    expect: Expect
    slow: bool = False

    @property
    def request(self) -> job_pb2.ScoreRequest:
        """The job, built anew at every call: some are more than 100 MiB."""
        return _request(self.job, short=False)


def all_cases() -> list[Case]:
    """Every case of the corpus, by name."""
    return [load(path.parent) for path in sorted(FOLDER.glob("*/case.toml"))]


def load(folder: Path) -> Case:
    """Read one case; CaseError when anything about it is not as it should be."""
    path = folder / "case.toml"
    try:
        return read_case(folder, tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        what = f"missing key {error}" if isinstance(error, KeyError) else str(error)
        raise CaseError(f"{path}: {what}") from error


def mismatches(case: Case, response: verdict_pb2.ScoreResponse) -> list[str]:
    """What in the answer is not as expected, a sentence each; empty when all is well."""
    wanted = "rejected" if case.expect.rejected_field else "verdict"
    outcome = response.WhichOneof("outcome")
    if outcome != wanted:
        return [f"a {wanted} was expected, but the outcome is {_told(response)}"]
    found = [] if response.id == case.name else [f"the answer is for {response.id!r}"]
    if wanted == "rejected":
        return [*found, *_rejection(case.expect, response.rejected)]
    found += _verdict(case.expect, response.verdict)
    found += _tests(case.expect, response.verdict, scheduled=len(case.job["tests"]))
    if response.verdict.tests:
        found += _first_test(case.expect, response.verdict.tests[0])
    return found


# Reading


def read_case(folder: Path, table: Table) -> Case:
    """A case from its table; ValueError, KeyError or TypeError when anything about it is not as it should be."""
    _only(table, {"why", "language", "policy", "slow", "job", "tests", "expect"}, "")
    own = {
        "id": folder.name,
        "feedback": "ALL",
        "policy": table.get("policy", ""),
        "tests": table.get("tests", []),
        "program": _program(folder, table),
    }
    for key in (own.keys() - {"program"}) & table.get("job", {}).keys():
        raise ValueError(f"{key} does not belong in [job]")
    job = {**table.get("job", {}), **own}
    _request(job, short=True)
    expect = _expect(table["expect"], tests=len(job["tests"]))
    return Case(folder.name, _text(table["why"], "why"), job, expect, _flag(table.get("slow", False), "slow"))


def _program(folder: Path, table: Table) -> dict[str, Any]:
    """The program as proto3 JSON: what `[job.program]` says, and the source beside the case."""
    program = {"language": table["language"], **table.get("job", {}).get("program", {})}
    tree = folder / "files"
    sources = [path for path in folder.glob("main.*") if path.is_file()]
    if len(sources) + tree.is_dir() != 1:
        raise ValueError("one main.* or one folder files/ is needed beside it")
    if sources:
        return {**program, "source": sources[0].read_bytes().decode()}
    paths = sorted(path for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {**program, "files": [_file(path, str(path.relative_to(tree))) for path in paths]}


def _file(path: Path, name: str) -> dict[str, str]:
    content = path.read_bytes()
    try:
        return {"path": name, "text": content.decode()}
    except UnicodeDecodeError:
        return {"path": name, "data": base64.b64encode(content).decode()}


def _request(job: Table, *, short: bool) -> job_pb2.ScoreRequest:
    """The message; `short` leaves generated data at their first few bytes, which is enough to check a case."""
    try:
        request = json_format.ParseDict(_shortened(job), job_pb2.ScoreRequest())
    except json_format.ParseError as error:
        raise ValueError(str(error)) from error
    if not short:
        _fill(request, job)
    return request


def _shortened(value: Any) -> Any:
    """The same table as proto3 JSON, with a short text for every `_gen` key."""
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    result = {}
    for key, item in value.items():
        name = key.removesuffix("_gen")
        if name != key and name in value:
            raise ValueError(f"both {name} and {key}")
        result[name] = _shortened(item) if name == key else _as_json(_generated(name, item, short=True))
    return result


def _as_json(data: str | bytes) -> str:
    return data if isinstance(data, str) else base64.b64encode(data).decode()


def _fill(message: Any, table: Table) -> None:
    """Set every generated field; past the JSON parser, which would take seconds for the large ones."""
    for key, item in table.items():
        name = key.removesuffix("_gen")
        if name != key:
            setattr(message, name, _generated(name, item, short=False))
        elif isinstance(item, Mapping) and not isinstance(getattr(message, key), struct_pb2.Struct):
            _fill(getattr(message, key), item)
        elif isinstance(item, list):
            for part, row in zip(getattr(message, key), item, strict=True):
                if isinstance(row, Mapping):
                    _fill(part, row)


def _generated(name: str, parts: Any, *, short: bool) -> str | bytes:
    data = b"".join(_part(part, short=short) for part in (parts if isinstance(parts, list) else [parts]))
    return data if name == "data" or name.endswith("_bytes") else data.decode()


def _part(part: Table, *, short: bool) -> bytes:
    match dict(part):
        case {"text": str(text), **rest} if not rest:
            return text.encode()
        case {"repeat": str(text), "times": int(times), **rest} if not rest:
            return text.encode() * (min(times, 1) if short else times)
        case {"hex": str(digits), "times": int(times), **rest} if not rest:
            return bytes.fromhex(digits) * (min(times, 1) if short else times)
        case {"count": [int(first), int(last)], "separator": str(separator), **rest} if not rest:
            return separator.join(map(str, range(first, (first if short else last) + 1))).encode()
    raise ValueError(f"not a part of generated data: {dict(part)}")


def _expect(table: Table, *, tests: int) -> Expect:
    _only(table, {field.name for field in fields(Expect)}, "expect.")
    if ("status" in table) == ("rejected_field" in table):
        raise ValueError("expect: exactly one of status and rejected_field is needed")
    values: dict[str, Any] = {key: _EXPECT_READERS[key](item, f"expect.{key}") for key, item in table.items()}
    expect = Expect(**values)
    if expect.status and expect.passed is not (expect.status == ("ACCEPTED",)):
        raise ValueError("expect.passed: true for ACCEPTED alone, false otherwise")
    for key in ("tests", "scores"):
        if key in values and len(values[key]) != tests:
            raise ValueError(f"expect.{key}: {len(values[key])} for {tests} tests")
    return expect


def _only(table: Table, known: set[str], prefix: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {prefix}{key}")


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}: text is needed, not {value!r}")
    return value


def _flag(value: Any, key: str) -> bool:
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
        re.compile(text := _text(value, key))
    except re.error as error:
        raise ValueError(f"{key}: {error}") from error
    return text


def _names(value: Any, key: str) -> tuple[str, ...]:
    return tuple(_text(item, key) for item in (value if isinstance(value, list) else [value]))


def _statuses(value: Any, key: str) -> tuple[str, ...]:
    names = _names(value, key)
    for name in names:
        if name == "STATUS_UNSPECIFIED" or name not in verdict_pb2.Status.keys():  # noqa: SIM118
            raise ValueError(f"{key}: no status {name}")
    if not names:
        raise ValueError(f"{key}: a status is needed")
    return names


def _each_status(value: Any, key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_statuses(item, key) for item in value)


def _numbers(value: Any, key: str) -> tuple[float, ...]:
    return tuple(_number(item, key) for item in value)


def _checks(value: Any, key: str) -> tuple[int, int]:
    _only(value, {"total", "passed"}, f"{key}.")
    return _whole(value["total"], key), _whole(value["passed"], key)


_EXPECT_READERS = {
    "status": _statuses,
    "passed": _flag,
    "tests": _each_status,
    "scores": _numbers,
    "reward": _number,
    "checks": _checks,
    "signal": _whole,
    "exit_code": _whole,
    "stdout_contains": _text,
    "stderr_contains": _text,
    "stderr_matches": _pattern,
    "build_contains": _text,
    "alarms": _names,
    "rejected_field": _names,
}


# Comparing


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
    for what, part, text in texts:
        if part is not None and part not in text:
            yield f"{what} lacks {part!r}: {_start(text)}"
    if expect.stderr_matches is not None and not re.fullmatch(expect.stderr_matches, test.stderr):
        yield f"stderr is not {expect.stderr_matches!r}: {_start(test.stderr)}"


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _start(text: str) -> str:
    return repr(text if len(text) <= 500 else text[:500] + "...")

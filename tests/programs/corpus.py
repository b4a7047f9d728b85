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
    fault = "JUDGE"                 # in place of status: it must be a fault of ours; with fault_contains, that says so

Large data are described, not stored: a key ``NAME_gen`` becomes ``NAME``, built from one part or a list of parts:

    { text = "3\n" }    { repeat = "1 2\n", times = 1000 }    { hex = "ff00", times = 8 }
    { count = [1, 500], separator = " " }                # 1 2 3 ... 500

A key that nothing reads is an error that names the file and the key.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2

from sandbox.v1 import job_pb2, verdict_pb2

from .expecting import Expect, Table, compare, flag, only, read_expect, text

FOLDER = Path(__file__).parent
RUNTIMES = ("python", "c", "cpp")


class CaseError(ValueError):
    """A case that cannot be read. The message names the file and the key."""


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
    found = list(compare(case.expect, response, scheduled=len(case.job["tests"])))
    return found if response.id == case.name else [f"the answer is for {response.id!r}", *found]


# Reading


def read_case(folder: Path, table: Table) -> Case:
    """A case from its table; ValueError, KeyError or TypeError when anything about it is not as it should be."""
    only(table, {"why", "language", "policy", "slow", "job", "tests", "expect"}, "")
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
    expect = read_expect(table["expect"], tests=len(job["tests"]))
    return Case(folder.name, text(table["why"], "why"), job, expect, flag(table.get("slow", False), "slow"))


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

"""What a run's tests expect, out of its tasks.jsonl."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from sandbox.rollouts.folder import RunFolder
from sandbox.v1 import job_pb2


@dataclass(frozen=True, slots=True)
class Expected:
    """One test. `kind` as in the contract ("stdio", "call", ...).

    `given`   what goes in: standard input, a call as source, or the asserts
    `output`  what has to come out: standard output, or a value as JSON; None where the test does not say it
    """

    kind: str
    given: str = ""
    output: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `main` is the file that the program is; `tests` are by id, in their order."""

    id: str
    main: str = ""
    tests: dict[str, Expected] = field(default_factory=dict)


def tasks(folder: RunFolder, wanted: Collection[str] | None = None) -> dict[str, Task]:
    """The tasks by id, all or the wanted ones. One whose request cannot be read has no tests."""
    return {
        str(data["id"]): _task(str(data["id"]), data.get("request"))
        for data in folder.read("tasks.jsonl")
        if "id" in data and (wanted is None or str(data["id"]) in wanted)
    }


def _task(name: str, given: Any) -> Task:
    try:
        data = json.loads(given) if isinstance(given, str) else given
        request = ParseDict(data or {}, job_pb2.ScoreRequest(), ignore_unknown_fields=True)
    except (ParseError, ValueError, TypeError, AttributeError, RecursionError):
        return Task(name)
    return Task(name, request.program.main, dict(_tests(request)))


def _tests(request: job_pb2.ScoreRequest) -> Iterator[tuple[str, Expected]]:
    for number, test in enumerate(request.tests):
        yield test.id or str(number), _expected(test, request.program.entry_point)


def _expected(test: job_pb2.Test, entry_point: str) -> Expected:
    kind = test.WhichOneof("kind") or ""
    public = test.visibility == job_pb2.PUBLIC
    if kind == "stdio":
        stdin = test.stdio.stdin or _text(test.stdio.stdin_bytes)
        return Expected(kind, stdin, test.stdio.expected_stdout or _text(test.stdio.expected_stdout_bytes), public)
    if kind == "call":
        return Expected(kind, _call(test.call, entry_point), test.call.expected_json, public)
    if kind == "asserts":
        return Expected(kind, test.asserts.code, None, public)
    if kind == "checker":
        return Expected(kind, test.checker.stdin or _text(test.checker.stdin_bytes), None, public)
    return Expected(kind, public=public)


def _call(call: job_pb2.CallTest, entry_point: str) -> str:
    """The call as one would write it; JSON as it is where it is no list, or no object."""
    given = [_inside(call.args_json, "[]")]
    given += [f"**{call.kwargs_json}"] if call.kwargs_json.strip("{} \n") else []
    return f"{call.function or entry_point}({', '.join(filter(None, given))})"


def _inside(text: str, brackets: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text[:1] == brackets[0] and text[-1:] == brackets[1] else text


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

"""Problems with candidate programs, from JSON lines, as `sandbox select` takes them.

    {"id": "double", "programs": ["print(int(input()) * 2)", {"source": "...", "language": "c"}],
     "examples": [{"input": "2", "output": "4"}], "inputs": ["3\\n", "-1\\n"],
     "generated_tests": ["assert f(1) == 2"], "tests": {"inputs": [...], "outputs": [...]}}

`examples` and `tests` take any shape of `sandbox.tasks`. An input is text (standard input), a list (the arguments of a
call of `entry_point`), or a test of kind stdio or call. `language`, `entry_point`, `policy` and `limits` hold for the
whole problem; other keys are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from sandbox.cli.jobs import MAX_LINE, load, read_lines, too_long, unnamed
from sandbox.errors import JobError
from sandbox.tasks import task_of
from sandbox.v1 import job_pb2, matrix_pb2

_SHAPE = 'one problem on each line: {"id": ..., "programs": [...], "examples": [...], "inputs": [...]}'
_Message = TypeVar("_Message", bound=Message)


@dataclass(frozen=True, slots=True)
class Candidates:
    """One problem: what is asked of a matrix, the programs as they were given, and the tests that nobody selects by."""

    request: matrix_pb2.MatrixRequest
    programs: tuple[Any, ...]
    hidden: tuple[job_pb2.Test, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands, how long it is, and the problem in it, or why there is none."""

    number: int
    size: int
    id: str
    candidates: Candidates | None = None
    error: JobError | None = None


def read_candidates(file: BinaryIO) -> Iterator[Line]:
    """The problems of a file, one at a time; blank lines are passed over."""
    for number, text in read_lines(file):
        name = unnamed(number)
        try:
            if len(text) == MAX_LINE and not text.endswith(b"\n"):
                raise too_long(number)
            data = load(text)
            if not isinstance(data, dict):
                raise JobError("", "is not an object", _SHAPE)
            given = data.get("id", data.get("task_id"))
            name = str(given) if isinstance(given, str | int) else name
            yield Line(number, len(text), name, candidates_of(data, name))
        except JobError as error:
            yield Line(number, len(text), name, error=error)


def candidates_of(data: dict[str, Any], name: str) -> Candidates:
    """The problem in an object. Raises JobError, which names the key."""
    programs = data.get("programs")
    if not isinstance(programs, list) or not programs:
        raise JobError("programs", "there are none", _SHAPE)
    examples = _tests(data.get("examples"), "examples", data.get("setup"))
    hidden = _tests(data.get("tests"), "tests", data.get("setup"))
    text = {key: str(data.get(key) or "") for key in ("language", "entry_point", "policy")}
    language = text["language"] or examples.program.language or hidden.program.language or "python"
    entry_point = text["entry_point"] or examples.program.entry_point or hidden.program.entry_point
    function = next((test.call.function for test in examples.tests if test.HasField("call")), "")
    request = matrix_pb2.MatrixRequest(
        id=name,
        programs=[_program(f"programs[{place}]", given, entry_point) for place, given in enumerate(programs)],
        language=language,
        examples=examples.tests,
        inputs=[_input(f"inputs[{place}]", given, function) for place, given in enumerate(_listed(data, "inputs"))],
        generated_tests=_generated(data),
        policy=text["policy"],
    )
    if data.get("limits"):
        _parsed("limits", data["limits"], request.limits)
    return Candidates(request, tuple(programs), tuple(hidden.tests))


def _tests(given: Any, key: str, setup: Any) -> job_pb2.ScoreRequest:
    """Tests of any shape; none where there are none. `setup` is of asserts in a list."""
    if not given:
        return job_pb2.ScoreRequest()
    try:
        found = task_of({"tests": given, "setup": setup} if isinstance(given, list) else given)
    except JobError as error:
        field = error.field.removeprefix("tests")
        raise JobError(key + field if field.startswith("[") else key, error.message, error.suggestion) from error
    if found.tests_ref:
        raise JobError(key, "names a suite that only a server knows", "give the tests themselves")
    return found


def _generated(data: dict[str, Any]) -> Iterator[job_pb2.Test]:
    """Each is read by itself, so that one keeps its number whatever stands beside it."""
    for place, given in enumerate(_listed(data, "generated_tests")):
        found = _tests([given], f"generated_tests[{place}]", data.get("setup")).tests
        yield from found


def _program(field: str, given: Any, entry_point: str) -> job_pb2.Program:
    program = job_pb2.Program()
    if isinstance(given, str):
        program.source = given.encode("utf-8", "replace").decode()
    else:
        _parsed(field, given, program)
    program.entry_point = program.entry_point or entry_point
    return program


def _input(field: str, given: Any, function: str) -> job_pb2.Test:
    test = job_pb2.Test()
    if isinstance(given, str):
        test.stdio.SetInParent()
        test.stdio.stdin = given
        return test
    if isinstance(given, list):
        test.call.function, test.call.args_json = function, json.dumps(given)
        return test
    stdin = next((given[key] for key in ("input", "stdin") if key in given), None) if isinstance(given, dict) else None
    if isinstance(stdin, str):
        test.stdio.SetInParent()
        test.stdio.stdin = stdin
        return test
    return _parsed(field, given, test)


def _listed(data: dict[str, Any], key: str) -> list[Any]:
    given = data.get(key) or []
    if not isinstance(given, list):
        raise JobError(key, f"is a {type(given).__name__}", "write a list")
    return given


def _parsed(field: str, given: Any, message: _Message) -> _Message:
    """Fills a message. Raises JobError."""
    try:
        if not isinstance(given, dict):
            raise ParseError("it is no object")
        return ParseDict(given, message)
    except (ParseError, RecursionError) as error:
        name = type(message).__name__
        raise JobError(field, str(error)[:300], f"write a {name} as proto3 JSON") from error

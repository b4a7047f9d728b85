"""A data set's row as the tests of a job. The shapes are told apart by their keys, never guessed from values.

    {"tests": [{"stdio": {...}}, ...], "limits": {...}}    a ScoreRequest, as proto3 JSON, without its program
    {"inputs": [...], "outputs": [...], "fn_name": "f"}    APPS, TACO, LiveCodeBench; with `fn_name`, calls
    {"tests": [{"input": "1", "output": "2"}, ...]}        standard input and output; also a bare list of them
    {"tests": ["assert f(1) == 2", ...]}                   asserts; also one text, also bare
    {"stdin": "1", "expected_output": "2"}                 one test

Any of them may be text that holds JSON, and may have the keys `language`, `entry_point`, `setup` (of asserts) and
`scheme`. Raises JobError, which names the key and the way out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from google.protobuf.json_format import ParseDict, ParseError

from sandbox.errors import JobError
from sandbox.v1 import job_pb2

_KINDS = ("stdio", "call", "asserts", "suite", "checker", "interactive", "effects")
_WRAPPERS = ("unit_tests", "ground_truth", "verification_info")
_EXTRAS = ("language", "entry_point", "setup", "scheme")
_INPUTS, _OUTPUTS = ("input", "stdin", "inputs"), ("output", "expected_output", "expected_stdout", "stdout", "outputs")
_FIX = 'give {"inputs": [...], "outputs": [...]}, a list of asserts, or tests as proto3 JSON'


def job_of(program: str, task: object, *, language: str = "python", scheme: str = "") -> job_pb2.ScoreRequest:
    """A job that judges a program by a task. What the task names wins over `language` and `scheme`."""
    request = task_of(task)
    request.program.language = request.program.language or language
    request.program.source = program.encode("utf-8", "replace").decode()
    if scheme and not request.reward.scheme:
        request.reward.scheme = scheme
    return request


def task_of(task: object) -> job_pb2.ScoreRequest:
    """A request with everything but the program. One that is a ScoreRequest already is copied."""
    if isinstance(task, job_pb2.ScoreRequest):
        request = job_pb2.ScoreRequest()
        request.CopyFrom(task)
        return request
    given = _decoded(task)
    extras: dict[str, str] = {}
    while isinstance(given, Mapping):
        for name in _EXTRAS:
            if isinstance(given.get(name), str):
                extras.setdefault(name, str(given[name]))
        wrapper = next((name for name in _WRAPPERS if given.get(name)), None)
        if wrapper is None:
            break
        given = _decoded(given[wrapper])
    request = _request(given, extras.get("setup", ""))
    request.program.language = request.program.language or extras.get("language", "")
    request.program.entry_point = request.program.entry_point or extras.get("entry_point", "")
    request.reward.scheme = request.reward.scheme or extras.get("scheme", "")
    if not request.tests and not request.tests_ref:
        raise JobError("tests", "there are none, so there is nothing to reward", _FIX)
    return request


def _decoded(value: object) -> object:
    """JSON in text is read; other text is the code of asserts."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except RecursionError:
        raise JobError("tests", "are nested too deep", _FIX) from None
    except ValueError:
        return value


def _request(given: object, setup: str) -> job_pb2.ScoreRequest:
    if isinstance(given, Mapping):
        if given.get("inputs") is not None and given.get("outputs") is not None:
            return _pairs(given)
        if "tests" in given or "tests_ref" in given:
            tests = _decoded(given.get("tests", []))
            if _is_proto(tests):
                return _proto({**{name: value for name, value in given.items() if name not in _EXTRAS}, "tests": tests})
            request = _request(tests, setup)
            # Limits, policy, reward and the like may stand beside tests of any shape.
            beside = {name: value for name, value in given.items() if name not in (*_EXTRAS, "tests")}
            request.MergeFrom(_proto(beside))
            return request
        return _listed([given], setup)
    if isinstance(given, str):
        return _listed([given], setup)
    if isinstance(given, Sequence) and not isinstance(given, bytes):
        return _proto({"tests": given}) if given and _is_proto(given) else _listed(given, setup)
    raise JobError("tests", f"{type(given).__name__} is no form of tests", _FIX)


def _is_proto(tests: object) -> bool:
    listed = isinstance(tests, Sequence) and not isinstance(tests, str | bytes)
    return listed and all(isinstance(each, Mapping) and any(kind in each for kind in _KINDS) for each in tests)  # type: ignore[attr-defined]


def _proto(given: Mapping[str, object]) -> job_pb2.ScoreRequest:
    try:
        return ParseDict(dict(given), job_pb2.ScoreRequest())
    except (ParseError, RecursionError) as error:
        raise JobError("tests", str(error)[:500], _FIX) from None


def _pairs(given: Mapping[str, object]) -> job_pb2.ScoreRequest:
    inputs, outputs = _decoded(given["inputs"]), _decoded(given["outputs"])
    if not isinstance(inputs, Sequence) or not isinstance(outputs, Sequence) or len(inputs) != len(outputs):
        raise JobError("outputs", "inputs and outputs are no two lists of one length", "give one output for each input")
    request = job_pb2.ScoreRequest()
    function = given.get("fn_name")
    for number, (stdin, expected) in enumerate(zip(inputs, outputs, strict=True)):
        if function:
            call = request.tests.add().call
            call.function = str(function)
            call.args_json = _json(f"inputs[{number}]", _arguments(number, stdin))
            call.expected_json = _json(f"outputs[{number}]", _value(number, expected))
        else:
            _stdio(request, f"[{number}]", stdin, expected)
    return request


def _arguments(number: int, given: object) -> object:
    """Positional arguments: a list of them, or one JSON value a line."""
    if not isinstance(given, str):
        return given if isinstance(given, list) else [given]
    try:
        return [json.loads(line) for line in given.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise JobError(f"inputs[{number}]", f"is no JSON: {error}", "write one JSON value a line") from None


def _value(number: int, given: object) -> object:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError) as error:
        raise JobError(f"outputs[{number}]", f"is no JSON: {error}", 'write text as JSON text, as "\\"a\\""') from None


def _json(field: str, value: object) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise JobError(field, str(error), "numbers, text, lists and dicts of them") from None


def _listed(tests: Sequence[object], setup: str) -> job_pb2.ScoreRequest:
    """Pairs of input and output, or the code of asserts, in any mixture."""
    request = job_pb2.ScoreRequest()
    for number, test in enumerate(tests):
        if isinstance(test, str):
            asserts = request.tests.add().asserts
            asserts.code, asserts.setup = test, setup
        elif isinstance(test, Mapping):
            stdin = next((test[name] for name in _INPUTS if name in test), None)
            expected = next((test[name] for name in _OUTPUTS if name in test), None)
            if expected is None:
                raise JobError(f"tests[{number}]", f"has no output; its keys are {sorted(map(str, test))[:8]}", _FIX)
            _stdio(request, f"tests[{number}]", "" if stdin is None else stdin, expected)
        else:
            raise JobError(f"tests[{number}]", f"{type(test).__name__} is no form of a test", _FIX)
    return request


def _stdio(request: job_pb2.ScoreRequest, place: str, stdin: object, expected: object) -> None:
    test = request.tests.add().stdio
    test.stdin, test.expected_stdout = _text(f"{place}.input", stdin), _text(f"{place}.output", expected)


def _text(field: str, value: object) -> str:
    """Text, or lines of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    raise JobError(field, f"{type(value).__name__} is no text", "write it as text, or as a list of lines")

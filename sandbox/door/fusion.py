"""SandboxFusion: `/run_code`, and `/submit` with the data in the request. Its clients (verl's) try 504 again."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from sandbox.door.body import Asked
from sandbox.door.door import Door
from sandbox.door.languages import runtime_of
from sandbox.door.runs import Program, Ran, memory_limit, time_limits
from sandbox.errors import JobError
from sandbox.tasks import job_of, program_in
from sandbox.v1 import job_pb2, verdict_pb2

RETRY = 504
_SOURCE = {"python": "main.py", "cpp": "main.cpp", "c": "main.c"}


class RunCode(Asked):
    """Times in seconds. A build has the policy's own limits, whatever `compile_timeout` says."""

    code: str
    language: str
    stdin: str | None = None
    compile_timeout: float = 10
    run_timeout: float = 10
    memory_limit_MB: int = -1
    files: dict[str, str | None] = Field(default_factory=dict)
    fetch_files: list[str] = Field(default_factory=list)
    args: list[str] = Field(default_factory=list)


class Config(Asked):
    """Of a submission: where its tests are."""

    language: str | None = None
    run_timeout: float | None = None
    compile_timeout: float | None = None
    provided_data: Any = None


class Submit(Asked):
    """A completion, to be judged by the tests of `config.provided_data`."""

    dataset: str = ""
    id: int | str = 0
    completion: str
    config: Config = Field(default_factory=Config)


async def run_code(door: Door, asked: RunCode) -> dict[str, Any]:
    """Runs code."""
    if asked.fetch_files:
        raise JobError("fetch_files", "files are not fetched from a jail", "print what is needed")
    language = runtime_of(asked.language)
    main = _SOURCE.get(language, "main")
    cpu_ms, wall_ms = time_limits("run_timeout", asked.run_timeout, door.limits)
    files = {path: _file(path, text) for path, text in asked.files.items() if text is not None}
    files[main] = asked.code.encode("utf-8", "replace")
    program = Program(
        language=language,
        files=tuple(sorted(files.items())),
        main=main,
        argv=tuple(asked.args),
        cpu_time_ms=cpu_ms,
        wall_time_ms=wall_ms,
        memory_bytes=memory_limit("memory_limit_MB", asked.memory_limit_MB << 20, door.limits),
        policy=door.policy,
    )
    return _told(await door.run(program, (asked.stdin or "").encode("utf-8", "replace")))


def _file(path: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise JobError(f"files.{path}", f"is no base64: {error}", "encode the file") from None


def _told(ran: Ran) -> dict[str, Any]:
    build = None
    if ran.build is not None:
        build = _command(0 if ran.build.ok else 1, ran.build.wall_ms, "", ran.build.messages)
    run = None
    if ran.compiled:
        code = ran.test.exit_code if ran.test.HasField("exit_code") else -(ran.test.signal or 9)
        # What a limit ended was no success, with whatever code it ended.
        code = code or (1 if ran.limit else 0)
        errors = "\n".join(filter(None, (ran.test.stderr, ran.limit)))
        run = _command(code, ran.test.wall_ms, ran.test.stdout, errors)
        if ran.limit == "TIME_LIMIT":
            run.update(status="TimeLimitExceeded", return_code=None)
    return {
        "status": "Success" if ran.ended_well else "Failed",
        "message": "",
        "compile_result": build,
        "run_result": run,
        "executor_pod_name": None,
        "files": {},
    }


def _command(code: int, wall_ms: float, stdout: str, stderr: str) -> dict[str, Any]:
    return {
        "status": "Finished",
        "execution_time": wall_ms / 1000,
        "return_code": code,
        "stdout": stdout,
        "stderr": stderr,
    }


async def submit(door: Door, asked: Submit) -> dict[str, Any]:
    """Judges a completion; one entry of `tests` for each test."""
    if asked.config.provided_data is None:
        raise JobError(
            "config.provided_data", "is not given, and there are no data sets here", "send the row with its tests"
        )
    code = program_in(asked.completion)
    request = job_of(code, _task(asked.config.provided_data), language=runtime_of(asked.config.language or "python"))
    request.feedback = job_pb2.ALL
    if asked.config.run_timeout is not None:
        request.limits.cpu_time_ms, request.limits.wall_time_ms = time_limits(
            "config.run_timeout", asked.config.run_timeout, door.limits
        )
    verdict = (await door.score(request)).verdict
    build = verdict.build if verdict.HasField("build") else None
    return {
        "id": asked.id,
        "accepted": verdict.passed,
        "extracted_code": code,
        "full_code": None,
        "test_code": None,
        "tests": [_judged(test, build) for test in verdict.tests],
        "extracted_type": None,
        "extra": None,
    }


def _judged(test: verdict_pb2.TestResult, build: verdict_pb2.Build | None) -> dict[str, Any]:
    status = verdict_pb2.Status.Name(test.status)
    return {"passed": test.score == 1.0, "exec_info": _told(Ran(test, build)), "test_info": {"status": status}}


def _task(data: Any) -> object:
    """A row of its data sets: tests of input and output, test code, or a list of asserts."""
    if isinstance(data, list):
        if len(data) != 1:
            raise JobError("config.provided_data", f"{len(data)} rows are given", "send the one that is submitted to")
        data = data[0]
    if not isinstance(data, Mapping) or "test" not in data:
        return data
    given = data.get("labels")
    labels: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    extras = {
        "setup": labels.get("test_setup_code", ""),
        "entry_point": labels.get("entry_point") or data.get("entry_point") or "",
    }
    test = data["test"]
    if isinstance(test, Mapping) and isinstance(test.get("code"), str):
        test = test["code"]
    if isinstance(test, list) and all(isinstance(each, Mapping) for each in test):
        test = [_pair(each) for each in test]
    return {**extras, "tests": test}


def _pair(test: Mapping[str, Any]) -> dict[str, Any]:
    sides = []
    for side, name in (("input", "stdin"), ("output", "stdout")):
        value = test.get(side, "")
        sides.append(value.get(name, "") if isinstance(value, Mapping) else value)
    return {"input": sides[0], "output": sides[1]}

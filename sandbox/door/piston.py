"""Piston's API, version 2. Its clients (open-r1's) try any status but 200 again."""

from __future__ import annotations

import base64
import binascii
import signal
from typing import Any, Literal

from pydantic import Field

from sandbox.door.body import Asked
from sandbox.door.door import Door
from sandbox.door.languages import runtime_of
from sandbox.door.runs import Program, Ran, memory_limit, time_limits
from sandbox.errors import JobError

RETRY = 503
_VERSION = "1.0.0"
_NAMES = {"python": "main.py", "cpp": "main.cpp", "c": "main.c"}
_STATUS = {"TIME_LIMIT": "TO", "OUTPUT_LIMIT": "OL"}
_MESSAGE = {
    "TIME_LIMIT": "Time limit exceeded",
    "OUTPUT_LIMIT": "Output limit exceeded",
    "MEMORY_LIMIT": "Memory limit exceeded",
    "SECURITY_VIOLATION": "Forbidden system call",
}


class SourceFile(Asked):
    """One file; the first is the one that runs."""

    name: str | None = None
    content: str
    encoding: Literal["utf8", "base64", "hex"] = "utf8"


class Execute(Asked):
    """Times in milliseconds, sizes in bytes; a size below 0 is none."""

    language: str
    version: str = "*"
    files: list[SourceFile] = Field(min_length=1, max_length=1000)
    stdin: str = ""
    args: list[str] = Field(default_factory=list)
    run_timeout: float = 3000
    run_cpu_time: float | None = None
    run_memory_limit: int = -1


async def execute(door: Door, asked: Execute) -> dict[str, Any]:
    """Runs a program."""
    language = runtime_of(asked.language)
    names = [
        file.name or (_NAMES.get(language, "main") if not number else f"file{number}.code")
        for number, file in enumerate(asked.files)
    ]
    field, asked_ms = ("run_cpu_time", asked.run_cpu_time) if asked.run_cpu_time else ("run_timeout", asked.run_timeout)
    cpu_ms, wall_ms = time_limits(field, asked_ms / 1000, door.limits)
    program = Program(
        language=language,
        files=tuple(
            (name, _content(number, file)) for number, (name, file) in enumerate(zip(names, asked.files, strict=True))
        ),
        main=names[0],
        argv=tuple(asked.args),
        cpu_time_ms=cpu_ms,
        wall_time_ms=wall_ms,
        memory_bytes=memory_limit("run_memory_limit", asked.run_memory_limit, door.limits),
        policy=door.policy,
    )
    ran = await door.run(program, asked.stdin.encode("utf-8", "replace"))
    told: dict[str, Any] = {"language": asked.language, "version": _VERSION, "run": _run(ran)}
    if ran.build is not None:
        told["compile"] = _stage(
            0 if ran.build.ok else 1, "", ran.build.messages, ran.build.cpu_ms, ran.build.wall_ms, 0
        )
    return told


def runtimes(door: Door) -> list[dict[str, Any]]:
    """What can be run."""
    return [{"language": name, "version": _VERSION, "aliases": []} for name in door.runtimes()]


def _content(number: int, file: SourceFile) -> bytes:
    try:
        if file.encoding == "base64":
            return base64.b64decode(file.content, validate=True)
        return bytes.fromhex(file.content) if file.encoding == "hex" else file.content.encode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise JobError(f"files.{number}.content", f"is no {file.encoding}: {error}", "encode it") from None


def _run(ran: Ran) -> dict[str, Any]:
    if not ran.compiled:
        return _stage(1, "", "", 0, 0, 0)
    test = ran.test
    code = test.exit_code if test.HasField("exit_code") else None
    told = _stage(code, test.stdout, test.stderr, test.cpu_ms, test.wall_ms, test.peak_memory_bytes)
    if ran.limit:
        told.update(status=_STATUS.get(ran.limit, "RE"), message=_MESSAGE[ran.limit])
        told.update(code=None, signal=_signal(test.signal or signal.SIGKILL))
    elif test.signal:
        told.update(status="SG", signal=_signal(test.signal), message=f"Caught fatal signal {test.signal}")
    elif code:
        told.update(status="RE", message=f"Exited with error status {code}")
    return told


def _stage(code: int | None, out: str, err: str, cpu_ms: float, wall_ms: float, memory: int) -> dict[str, Any]:
    return {
        "stdout": out,
        "stderr": err,
        "output": out + err,
        "code": code,
        "signal": None,
        "message": None,
        "status": None,
        "cpu_time": round(cpu_ms),
        "wall_time": round(wall_ms),
        "memory": memory,
    }


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"

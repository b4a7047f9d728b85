"""NeMo-Skills' sandbox: `/execute`, without sessions. Its client tries nothing again: it raises."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sandbox.door.body import Asked
from sandbox.door.door import Door
from sandbox.door.languages import runtime_of
from sandbox.door.runs import Program, time_limits
from sandbox.errors import JobError

RETRY = 503
_SOURCE = {"python": "main.py", "cpp": "main.cpp", "c": "main.c"}
_CUT = "<output cut>"


class Execute(Asked):
    """`timeout` in seconds."""

    generated_code: str
    std_input: str | None = ""
    timeout: float = 10.0
    language: str = "ipython"
    max_output_characters: int = Field(default=1000, ge=0)


async def execute(door: Door, asked: Execute) -> dict[str, Any]:
    """Runs code, from a fresh state."""
    if asked.language in ("ipython", "shell", "lean4"):
        raise JobError("language", f"{asked.language} sessions are not offered", 'send "python", which keeps no state')
    language = runtime_of(asked.language)
    main = _SOURCE.get(language, "main")
    cpu_ms, wall_ms = time_limits("timeout", asked.timeout, door.limits)
    files = ((main, asked.generated_code.encode("utf-8", "replace")),)
    program = Program(language, files, main, cpu_time_ms=cpu_ms, wall_time_ms=wall_ms, policy=door.policy)
    ran = await door.run(program, (asked.std_input or "").encode("utf-8", "replace"))
    errors = ran.test.stderr if ran.compiled else ran.build.messages if ran.build else ""
    status = "completed" if ran.ended_well else "timeout" if ran.limit == "TIME_LIMIT" else "error"
    return {
        "process_status": status,
        "stdout": _clipped(ran.test.stdout, asked.max_output_characters),
        "stderr": _clipped("\n".join(filter(None, (errors, ran.limit))), asked.max_output_characters),
    }


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + _CUT

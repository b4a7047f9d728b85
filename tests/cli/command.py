"""Runs the command line as people do: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COMMAND = (sys.executable, "-m", "sandbox.cli")
EXPECTED_ERROR = r"error\[[a-z]+\]: .+"


@dataclass(frozen=True)
class Ended:
    """What a command printed, and how it ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Answers by id, of a `--json` run; every line of stdout has to be one."""
        lines = [json.loads(line) for line in self.out.splitlines()]
        return {answer["id"]: answer for answer in lines}


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without what would change the output."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, **changes}


class Command:
    """`sandbox`, with a home folder that the tests share."""

    def __init__(self, home: str) -> None:
        self.environment = environment(SANDBOX_HOME=home)

    def __call__(self, *arguments: object, stdin: bytes = b"", before: Iterable[str] = ()) -> Ended:
        """Runs it to its end. `before` goes in front, as `setpriv` would."""
        ended = subprocess.run(
            [*before, *COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
            env=self.environment,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr.decode())

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        """Begins to run it."""
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([*COMMAND, *map(str, arguments)], env=self.environment, **given)


def job(name: str, source: str, *tests: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A job for a Python program; without tests it is expected to print nothing."""
    program = {"language": "python", "source": source}
    return {"id": name, "program": program, "tests": [*tests] or [{"stdio": {}}], **fields}


def prints(text: str, **fields: Any) -> dict[str, Any]:
    """A test that expects `text`."""
    return {"stdio": {"expected_stdout": text, **fields}}


def lines(*jobs: dict[str, Any] | str) -> bytes:
    """Jobs as a file holds them."""
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in jobs).encode()

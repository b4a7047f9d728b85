"""Programs of every language with the statuses that they must get: `tests/languages/cases/NAME.toml`, a table each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.v1 import job_pb2

FOLDER = Path(__file__).parent / "cases"
_KEYS = {"status", "source", "stdin", "exit_code"}
# What each language has to show.
KINDS = ("right", "wrong", "crash", "loop", "broken", "memory", "exit")
STDIN, STDOUT = "20 22\n", "42\n"
LIMITS = {"cpu_time_ms": 1_000, "memory_bytes": 128 << 20}


@dataclass(frozen=True, slots=True)
class Case:
    """One program, run once."""

    language: str
    kind: str
    source: str
    status: str
    stdin: str
    exit_code: int | None

    @property
    def request(self) -> job_pb2.ScoreRequest:
        """The job: it is to print 42."""
        request = job_pb2.ScoreRequest(id=f"{self.language}/{self.kind}", feedback=job_pb2.ALL)
        request.program.language, request.program.source = self.language, self.source
        if self.kind in ("loop", "memory"):
            request.limits.CopyFrom(job_pb2.Limits(**LIMITS))
        request.tests.add(stdio=job_pb2.StdioTest(stdin=self.stdin, expected_stdout=STDOUT))
        return request


def languages() -> list[str]:
    """Languages with cases."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def cases(language: str) -> list[Case]:
    """A language's cases, in the file's order. Raises ValueError for a key that nothing reads."""
    tables: Mapping[str, Mapping[str, Any]] = tomllib.loads((FOLDER / f"{language}.toml").read_text())
    made = []
    for kind, table in tables.items():
        if unknown := set(table) - _KEYS:
            raise ValueError(f"{language}.toml: {kind}: unknown keys {sorted(unknown)}")
        made.append(
            Case(language, kind, table["source"], table["status"], table.get("stdin", STDIN), table.get("exit_code"))
        )
    return made

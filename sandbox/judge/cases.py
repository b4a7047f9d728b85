"""Results of the tests inside a suite, against the schedule. Pure; what a jail wrote is read with bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.model.status import CaseStatus

_LINE = 65536
_MAX_FOUND = 100_000
_DETAIL = 2000


@dataclass(frozen=True, slots=True)
class Case:
    """One scheduled test of a suite."""

    name: str
    status: CaseStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of a suite wrote. `ended` is the word that it was given for its end."""

    results: dict[str, list[tuple[CaseStatus, str]]]
    found: tuple[str, ...]
    ended: str
    operator: bool
    overrides: bool


def read(data: bytes, most: int) -> Told:
    """Lines of `sandbox/jail/init/suite.py`, at most `most` of them; a line that is none of them is left out."""
    results: dict[str, list[tuple[CaseStatus, str]]] = {}
    found: tuple[str, ...] = ()
    ended, operator, overrides = "", False, False
    for line in data.split(b"\n", most)[:most]:
        told = _line(line)
        name, status, detail = told.get("name"), told.get("status"), told.get("detail")
        if "found" in told:
            found = tuple(each for each in told["found"] if type(each) is str)[:_MAX_FOUND]
        elif "end" in told:
            ended = str(told["end"])
            operator, overrides = told.get("operator") is True, told.get("overrides") is True
        elif type(name) is str and type(status) is str and status in _STATUSES:
            result = CaseStatus[status], detail[:_DETAIL] if type(detail) is str else ""
            results.setdefault(name, []).append(result)
    return Told(results, found, ended, operator, overrides)


def cases(schedule: Sequence[str], told: Told) -> tuple[Case, ...]:
    """Exactly one case for each scheduled name, in order."""
    return tuple(_case(name, told.results.get(name, [])) for name in schedule)


def _case(name: str, results: list[tuple[CaseStatus, str]]) -> Case:
    if not results:
        return Case(name, CaseStatus.MISSING, "no result came")
    if len(results) > 1:
        return Case(name, CaseStatus.DOUBLED, f"{len(results)} results came")
    return Case(name, *results[0])


# What a run may say of a test; the others are the judge's own.
_STATUSES = frozenset({"PASSED", "FAILED", "NOT_RUN"})


def _line(line: bytes) -> dict[str, Any]:
    if len(line) > _LINE and not line.startswith(b'{"found"'):
        return {}
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if type(told) is not dict or type(told.get("found", [])) is not list:
        return {}
    return told

"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How a check ended. Skipped is not ok: nothing was proven."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Result:
    """One check: what was found, what follows from it, and how to change it."""

    status: Status
    found: str
    effect: str = ""
    fix: str = ""
    name: str = ""
    ms: float = 0.0


def ok(found: str) -> Result:
    """It works."""
    return Result(Status.OK, found)


def warn(found: str, effect: str, fix: str) -> Result:
    """It works, less well than it could."""
    return Result(Status.WARN, found, effect, fix)


def fail(found: str, effect: str, fix: str) -> Result:
    """It does not work."""
    return Result(Status.FAIL, found, effect, fix)


def skip(found: str, effect: str = "", fix: str = "") -> Result:
    """It could not be tried."""
    return Result(Status.SKIP, found, effect, fix)


def as_root(command: str, root: bool) -> str:
    """A command as this user has to type it."""
    return command if root else f"sudo {command}"

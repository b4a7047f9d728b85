"""How a test, or a program as a whole, ended."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Stage(Enum):
    """The names are the wire's `Status`; worst first, and a verdict's status is the worst of its tests'."""

    COMPILE_ERROR = "COMPILE_ERROR"
    SECURITY_VIOLATION = "SECURITY_VIOLATION"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    TIME_LIMIT = "TIME_LIMIT"
    OUTPUT_LIMIT = "OUTPUT_LIMIT"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    WRONG_ANSWER = "WRONG_ANSWER"
    SKIPPED = "SKIPPED"
    ACCEPTED = "ACCEPTED"


_SEVERITY = {stage: rank for rank, stage in enumerate(Stage)}


def worst(stages: Iterable[Stage]) -> Stage:
    """The worst of some stages. Without any: ValueError, since nothing was judged."""
    return min(stages, key=_SEVERITY.__getitem__)


class CaseStatus(Enum):
    """How one test inside a suite ended; the names are the wire's. Only PASSED is a pass."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_RUN = "NOT_RUN"
    MISSING = "MISSING"
    DOUBLED = "DOUBLED"

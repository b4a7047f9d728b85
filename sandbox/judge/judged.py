"""What the judge says about one test."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.judge.cases import Case
from sandbox.model.outcome import Ended
from sandbox.model.status import Stage


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged test. `score` is 1.0 exactly when the stage is ACCEPTED; `total` and `passed` count its checks."""

    stage: Stage
    score: float
    total: int
    passed: int
    detail: str = ""
    alarms: tuple[str, ...] = ()
    ended: Ended | None = None
    # Of a suite.
    cases: tuple[Case, ...] = ()
    # Of a test that observes: what came out, or what the program died of.
    fingerprint: str = ""
    error_class: str = ""


def skipped(total: int) -> Judged:
    """A scheduled test that did not run."""
    return Judged(Stage.SKIPPED, 0.0, total, 0)

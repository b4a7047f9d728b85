"""The gated composite: partial credit that can never be worth as much as solving the problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.reward.errors import SchemeError
from sandbox.reward.formulas import COMPILE_LEVEL, CRASH_LEVEL, WRONG_LEVEL, adaptive, level
from sandbox.reward.parameters import Parameters
from sandbox.reward.shares import weighted_share
from sandbox.reward.vector import Outcome, Reward

SHAPES: Mapping[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "power4": lambda share: (share * share) * (share * share),
}
LOWEST: Mapping[str, float] = {"none": 0.0, "wrong": WRONG_LEVEL, "all": COMPILE_LEVEL}


@dataclass(frozen=True, slots=True)
class Composite:
    """r = clip(g·1{W} + (1 − g)·φ, low, high), with φ = 1 when all tests passed.

    v = max(0, (p̄ − b) / (1 − b)) is the share of the tests' weight beyond the baseline b, which is what a program that
    does nothing (or always answers the same) gets on these tests. u is v for the shape "linear" and v⁴ for "power4"
    (Skywork-OR1's, which keeps the pressure on the last tests). Then, by `floors`,

        none    φ = u
        wrong   φ = −0.3 + 1.3·u
        all     φ = −1 for a compile error, −0.6 for a runtime error or a limit, otherwise −0.3 + 1.3·u

    The last is RLTF's adaptive feedback (arXiv 2307.04349) over CodeRL's levels (arXiv 2207.01780). Because the gate g
    is at least ½, no sum of partial credit reaches a pass.
    """

    gate: float
    baseline: float
    shape: str
    floors: str
    low: float
    high: float

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest reward."""
        return (self.low, self.high)

    def __call__(self, outcome: Outcome) -> Reward:
        """The reward of one outcome."""
        share = weighted_share(outcome.tests)
        solved = float(outcome.passed)
        partial = 1.0 if outcome.passed else self._partial(outcome, share)
        raw = self.gate * solved + (1 - self.gate) * partial
        value = min(max(raw, self.low), self.high)
        return Reward(value, {"pass": solved, "fraction": share, "partial": partial, "stage": level(outcome.stage)})

    def _partial(self, outcome: Outcome, share: float) -> float:
        above = max(0.0, (share - self.baseline) / (1 - self.baseline))
        shaped = SHAPES[self.shape](above)
        if self.floors == "none":
            return shaped
        reached = level(outcome.stage)
        if self.floors == "all" and reached in (COMPILE_LEVEL, CRASH_LEVEL):
            return reached
        return adaptive(shaped)


def read_composite(given: Parameters) -> Composite:
    """The composite that a job's parameters ask for."""
    gate = given.number("gate", 0.5, 0.5, 1.0)
    baseline = given.number("baseline", 0.0, 0.0, 1.0, below_high=True)
    shape = given.choice("shape", "linear", SHAPES)
    floors = given.choice("floors", "none", LOWEST)
    lowest = min(0.0, (1 - gate) * LOWEST[floors])
    low = given.number("low", lowest, -1.0, 1.0)
    high = given.number("high", 1.0, -1.0, 1.0)
    given.finish()
    if high <= 1 - gate:
        raise SchemeError(
            "reward.params.high",
            f"is {high:g}, but partial credit alone can reach {1 - gate:g}, so a pass would not stand above it",
            f"Give a number above {1 - gate:g}, or a larger gate.",
        )
    if low >= high:
        raise SchemeError("reward.params.low", f"is {low:g}, not below high ({high:g})", "Give a lower number.")
    return Composite(gate, baseline, shape, floors, max(low, lowest), high)

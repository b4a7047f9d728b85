"""What a scheme reads and what it returns: the results of all tests of one program, and a number with its parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.model.status import Stage, worst


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of one scheduled test.

    `score` lies in [0, 1]. It is 1 exactly when the test passed, and 0 when the test was skipped: a test that did not
    run stays in every denominator and earns nothing. Anything else is a ValueError, and so is a weight that is not a
    positive finite number.
    """

    id: str
    passed: bool
    score: float
    weight: float
    group: str
    stage: Stage

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"test {self.id!r}: the score {self.score} is outside of [0, 1]")
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"test {self.id!r}: the weight {self.weight} is not a positive finite number")
        if not self.passed == (self.score == 1.0) == (self.stage is Stage.ACCEPTED):
            raise ValueError(f"test {self.id!r}: passed, score 1 and ACCEPTED only come together")
        if self.stage is Stage.SKIPPED and self.score != 0:
            raise ValueError(f"test {self.id!r}: skipped, so its score is 0, not {self.score}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """All scheduled tests of one program, and the worst of their stages."""

    tests: tuple[Scored, ...]
    stage: Stage

    def __post_init__(self) -> None:
        if self.tests and self.stage is not worst(test.stage for test in self.tests):
            raise ValueError(f"the stage {self.stage.name} is not the worst of the tests' stages")

    @classmethod
    def of(cls, tests: Iterable[Scored]) -> Outcome:
        """The outcome of these tests. Without any: ValueError."""
        scored = tuple(tests)
        return cls(scored, worst(test.stage for test in scored))

    @property
    def passed(self) -> bool:
        """Every scheduled test passed, and there was at least one."""
        return bool(self.tests) and all(test.passed for test in self.tests)


@dataclass(frozen=True, slots=True)
class Reward:
    """The number for the trainer, and what it was made of, by name."""

    value: float
    components: Mapping[str, float]

"""Groups of samples of one prompt: what their rewards say, relative to each other. Pure.

A fault has no reward and leaves the statistics; with fewer than two valid rewards there is nothing to compare with, and
no sample of the group has an advantage.

    advantages()   r - mean                       Dr.GRPO, arXiv 2503.20783
    rloo()         r - mean of the others         RLOO, arXiv 2402.14740
    grpo()         (r - mean) / (std + epsilon)   GRPO, arXiv 2402.03300, with the unbiased std, as TRL has it
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from sandbox.rollouts.record import Rollout

# Rewards no further apart than this are one reward; TRL takes a std of this for none.
SAME = 1e-8
# What TRL adds to the std before it divides.
EPSILON = 1e-4


class Spread(StrEnum):
    """What a group can teach: only one of mixed rewards moves a policy."""

    MIXED = "mixed"
    ALL_PASSED = "all-pass"
    ALL_FAILED = "all-fail"
    SAME_REWARD = "same-reward"
    NO_SIGNAL = "no-signal"


@dataclass(frozen=True, slots=True)
class GroupStatistics:
    """One group's rewards, in the unit of the scheme.

    `rewards`        as they were given, one a sample; None is a fault
    `valid`          how many are numbers, `faults` how many are not
    `mean`           over the valid ones; 0 without any
    `std`            population standard deviation (ddof 0)
    `std_unbiased`   that of a sample (ddof 1), which TRL divides by; 0 below two valid rewards
    `zero_variance`  two or more valid rewards, and all the same: no gradient
    """

    rewards: tuple[float | None, ...]
    valid: int
    faults: int
    mean: float
    std: float
    std_unbiased: float
    zero_variance: bool

    @property
    def has_signal(self) -> bool:
        """Whether some advantage is not zero."""
        return self.valid >= 2 and not self.zero_variance

    def advantages(self) -> list[float | None]:
        """r - mean, one a sample. None for a fault, and for all where fewer than two are valid."""
        return self._scaled(1.0)

    def rloo(self) -> list[float | None]:
        """r minus the mean of the other valid rewards, one a sample; None as in `advantages`."""
        return self._scaled(self.valid / (self.valid - 1) if self.valid > 1 else 1.0)

    def grpo(self, epsilon: float = EPSILON, floor: float = 0.0) -> list[float | None]:
        """(r - mean) / (max(std_unbiased, floor) + epsilon), one a sample; None as in `advantages`.

        A floor of about 0.05 keeps rewards that hardly differ from being blown up to ±1.
        """
        return self._scaled(1.0 / (max(self.std_unbiased, floor) + epsilon))

    def _scaled(self, factor: float) -> list[float | None]:
        if self.valid < 2:
            return [None] * len(self.rewards)
        if self.zero_variance:
            return [None if reward is None else 0.0 for reward in self.rewards]
        return [None if reward is None else (reward - self.mean) * factor for reward in self.rewards]


def statistics(rewards: Sequence[float | None]) -> GroupStatistics:
    """The statistics of one group's rewards. None, and what is no finite number, is a fault."""
    kept = tuple(reward if reward is not None and math.isfinite(reward) else None for reward in rewards)
    valid = [reward for reward in kept if reward is not None]
    count = len(valid)
    mean = math.fsum(valid) / count if count else 0.0
    distance = math.hypot(*(reward - mean for reward in valid))
    return GroupStatistics(
        rewards=kept,
        valid=count,
        faults=len(kept) - count,
        mean=mean,
        std=distance / math.sqrt(count) if count else 0.0,
        std_unbiased=distance / math.sqrt(count - 1) if count > 1 else 0.0,
        zero_variance=count > 1 and max(valid) - min(valid) <= SAME,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The samples of one prompt in one step, in the order of the log.

    `samples`  each the turns of one sample in their order; only the last turn has a reward
    """

    step: int
    task: str
    name: str
    samples: tuple[tuple[Rollout, ...], ...]

    @classmethod
    def of(cls, rollouts: Sequence[Rollout]) -> Self:
        """The group of rollouts that have one step and one name; there has to be one."""
        turns: dict[int, list[Rollout]] = {}
        for each in rollouts:
            turns.setdefault(each.sample, []).append(each)
        samples = tuple(tuple(sorted(each, key=lambda rollout: rollout.turn)) for each in turns.values())
        return cls(rollouts[0].step, rollouts[0].task, rollouts[0].group, samples)

    @property
    def ends(self) -> tuple[Rollout, ...]:
        """The last turn of each sample: what was rewarded."""
        return tuple(turns[-1] for turns in self.samples)

    @property
    def statistics(self) -> GroupStatistics:
        """Of the rewards of the last turns."""
        return statistics([reward_of(end) for end in self.ends])

    @property
    def spread(self) -> Spread:
        """What the group can teach."""
        found = self.statistics
        if found.valid < 2:
            return Spread.NO_SIGNAL
        if not found.zero_variance:
            return Spread.MIXED
        passed = {end.passed for end in self.ends if reward_of(end) is not None}
        if len(passed) == 2:
            return Spread.SAME_REWARD
        return Spread.ALL_PASSED if passed == {True} else Spread.ALL_FAILED


def reward_of(rollout: Rollout) -> float | None:
    """The reward that counts: None for a fault, whatever number the line has beside it."""
    if rollout.fault or rollout.reward is None or not math.isfinite(rollout.reward):
        return None
    return rollout.reward


def grouped(rollouts: Iterable[Rollout]) -> list[Group]:
    """All groups, in the order in which the log first names them."""
    found: dict[tuple[int, str], list[Rollout]] = {}
    for each in rollouts:
        found.setdefault((each.step, each.group), []).append(each)
    return [Group.of(members) for members in found.values()]

"""A run step by step, in numbers. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.rollouts.groups import Group, Spread, grouped, reward_of
from sandbox.rollouts.record import Rollout


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One step. Faults are counted and are in no mean; means are None where there is nothing to average.

    `samples`  last turns: what was rewarded, or would have been
    `reward`   mean, in the unit of the scheme; `passed` the share that passed
    `spreads`  groups by what they can teach
    `tokens`   mean length of a completion, every turn counted
    `verdicts` last turns by verdict, the most frequent first
    """

    step: int
    samples: int
    faults: int
    reward: float | None
    passed: float | None
    groups: int
    spreads: Counter[Spread]
    tokens: float | None
    verdicts: Counter[str]


def overview(rollouts: Iterable[Rollout]) -> list[StepSummary]:
    """The steps, in the order of their numbers."""
    steps: dict[int, list[Group]] = {}
    for group in grouped(rollouts):
        steps.setdefault(group.step, []).append(group)
    return [_summary(step, groups) for step, groups in sorted(steps.items())]


def _summary(step: int, groups: Sequence[Group]) -> StepSummary:
    ends = [end for group in groups for end in group.ends]
    valid = [(reward, end) for end in ends if (reward := reward_of(end)) is not None]
    turns = [turn for group in groups for sample in group.samples for turn in sample]
    return StepSummary(
        step=step,
        samples=len(ends),
        faults=len(ends) - len(valid),
        reward=_mean([reward for reward, _ in valid]),
        passed=_mean([float(end.passed) for _, end in valid]),
        groups=len(groups),
        spreads=Counter(group.spread for group in groups),
        tokens=_mean([float(turn.tokens) for turn in turns]),
        verdicts=Counter(end.verdict for _, end in valid if end.verdict),
    )


def _mean(numbers: Sequence[float]) -> float | None:
    return math.fsum(numbers) / len(numbers) if numbers else None

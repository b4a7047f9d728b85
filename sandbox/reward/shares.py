"""Sums over tests that do not depend on the order of the tests.

Weights are divided by the largest one and added exactly (`math.fsum`), so that no set of finite weights overflows and
equal sets of tests give equal bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.reward.vector import Scored


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that count together. `weight` is the sum of their weights, in units of the heaviest test of the program."""

    name: str
    weight: float
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The plain mean of the scores."""
        return math.fsum(self.scores) / len(self.scores)

    @property
    def minimum(self) -> float:
        """The lowest of the scores."""
        return min(self.scores)


def weighted_share(tests: Sequence[Scored]) -> float:
    """p̄ = Σ wᵢ·sᵢ / Σ wᵢ, the share of the tests' weight that was earned."""
    heaviest = max(test.weight for test in tests)
    weights = [test.weight / heaviest for test in tests]
    earned = math.fsum(weight * test.score for weight, test in zip(weights, tests, strict=True))
    return earned / math.fsum(weights)


def grouped(tests: Sequence[Scored]) -> list[Group]:
    """The tests by their group. A test that names no group stands alone, as a group of one."""
    heaviest = max(test.weight for test in tests)
    members: dict[str, list[Scored]] = {}
    alone: list[list[Scored]] = []
    for test in tests:
        if test.group:
            members.setdefault(test.group, []).append(test)
        else:
            alone.append([test])
    return [_group(part[0].group, part, heaviest) for part in (*members.values(), *alone)]


def minima(groups: Sequence[Group]) -> Mapping[str, float]:
    """The lowest score of every named group, as components."""
    return {f"group.{group.name}": group.minimum for group in groups if group.name}


def means(groups: Sequence[Group]) -> Mapping[str, float]:
    """The mean score of every named group, as components."""
    return {f"group.{group.name}": group.mean for group in groups if group.name}


def _group(name: str, tests: Sequence[Scored], heaviest: float) -> Group:
    weight = math.fsum(test.weight / heaviest for test in tests)
    return Group(name, weight, tuple(test.score for test in tests))

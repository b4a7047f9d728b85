"""The schemes that need no parameters, or next to none. Each is a function from an outcome to a reward.

Notation: test i has the weight wᵢ and the score sᵢ in [0, 1]; W means that all tests passed; p̄ = Σ wᵢ·sᵢ / Σ wᵢ, which
is the plain share of passed tests as long as nobody gives weights or asks for partial scores.
"""

from __future__ import annotations

import math

from sandbox.model.status import Stage
from sandbox.reward.shares import Group, grouped, means, minima, weighted_share
from sandbox.reward.vector import Outcome, Reward

COMPILE_LEVEL = -1.0
CRASH_LEVEL = -0.6
WRONG_LEVEL = -0.3
PASS_LEVEL = 1.0


def level(stage: Stage) -> float:
    """How far the program came: −1 did not compile, −0.6 was ended early, −0.3 gave wrong answers, +1 passed.

    The four values are CodeRL's. Running out of time, memory or output, or making a forbidden system call, counts as a
    runtime error. A program whose only blemish is that tests were skipped did not pass: it stands with wrong answers.
    """
    if stage is Stage.ACCEPTED:
        return PASS_LEVEL
    if stage in (Stage.WRONG_ANSWER, Stage.SKIPPED):
        return WRONG_LEVEL
    return COMPILE_LEVEL if stage is Stage.COMPILE_ERROR else CRASH_LEVEL


def pass_fail(outcome: Outcome) -> Reward:
    """r = 1{W}: 1 when every test passed, otherwise 0.

    The sparse outcome reward of DeepCoder, AceReason and Skywork-OR1.
    """
    value = float(outcome.passed)
    return Reward(value, {"pass": value})


def fraction(outcome: Outcome) -> Reward:
    """r = Σ_g W_g·m_g / Σ_g W_g with m_g = Σ_{i∈g} sᵢ / |g| and W_g = Σ_{i∈g} wᵢ.

    Inside a group all tests count the same; between groups the sums of their weights decide. A test without a group is
    a group of its own, so without any groups this is the weighted mean Σ wᵢ·sᵢ / Σ wᵢ. Skipped tests count as 0.
    The dense reward known as "partial" in open-r1 and as the mean over tests in APPS.
    """
    groups = grouped(outcome.tests)
    value = _over_groups(groups, [group.mean for group in groups])
    return Reward(value, {"pass": float(outcome.passed), "fraction": value, **means(groups)})


def coderl(outcome: Outcome) -> Reward:
    """r = −1.0 compile error, −0.6 runtime error or a limit, −0.3 wrong answer, +1.0 all tests passed.

    CodeRL (Le et al. 2022, arXiv 2207.01780). The worst stage of all tests decides.
    """
    value = level(outcome.stage)
    return Reward(value, {"pass": float(outcome.passed), "stage": value})


def rltf_adaptive(outcome: Outcome) -> Reward:
    """r = −1.0 compile error, −0.6 runtime error or a limit, −0.3 + 1.3·p̄ wrong answer, +1.0 all tests passed.

    RLTF's coarse feedback with its adaptive part (Liu et al. 2023, arXiv 2307.04349): a wrong answer earns more the
    more tests pass, and a crash on any test keeps the whole program at −0.6.
    """
    share = weighted_share(outcome.tests)
    base = level(outcome.stage)
    value = adaptive(share) if base == WRONG_LEVEL else base
    return Reward(value, {"pass": float(outcome.passed), "fraction": share, "stage": base})


def adaptive(share: float) -> float:
    """−0.3 + 1.3·share: from CodeRL's level for a wrong answer up to a pass."""
    return WRONG_LEVEL + (PASS_LEVEL - WRONG_LEVEL) * share


def ioi_groups(outcome: Outcome) -> Reward:
    """r = Σ_g W_g·min_{i∈g} sᵢ / Σ_g W_g, where a group's points W_g are the sum of its tests' weights.

    The rule of the International Olympiad in Informatics, as in open-r1's reward for its problems: a subtask pays only
    as much as its weakest test. A test without a group is a subtask of its own.
    """
    groups = grouped(outcome.tests)
    value = _over_groups(groups, [group.minimum for group in groups])
    return Reward(value, {"pass": float(outcome.passed), "fraction": value, **minima(groups)})


def pass_plus_fraction(outcome: Outcome, bonus: float, normalise: bool) -> Reward:
    """r = 1{W} + λ·p̄, or (1{W} + λ·p̄) / (1 + λ) when normalised; λ is `bonus`.

    open-r1's "weighted_sum" is λ = 0.1.
    """
    share = weighted_share(outcome.tests)
    value = float(outcome.passed) + bonus * share
    if normalise:
        value /= 1 + bonus
    return Reward(value, {"pass": float(outcome.passed), "fraction": share})


def _over_groups(groups: list[Group], values: list[float]) -> float:
    earned = math.fsum(group.weight * value for group, value in zip(groups, values, strict=True))
    return earned / math.fsum(group.weight for group in groups)

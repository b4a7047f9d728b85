"""Schemes by name, and the checks that every reward passes on its way out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sandbox.reward import formulas
from sandbox.reward.composite import read_composite
from sandbox.reward.errors import RewardOutOfRange, SchemeError
from sandbox.reward.parameters import Parameters, nearest
from sandbox.reward.vector import Outcome, Reward

Formula = Callable[[Outcome], Reward]
DEFAULT = "pass_fail"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A formula with the range that it promises. Every scheme keeps these laws, whatever its parameters:

    - a better result of one test never lowers the reward, and skipping a test that ran without an error never raises it
    - only a program that passes all tests gets `range[1]`, and it always does
    - the order of the tests does not matter; equal results give equal rewards, to the last bit
    - the number is finite and lies in `range`; else RewardOutOfRange, which is a fault and not a reward

    A program without tests has no reward: ValueError.
    """

    name: str
    range: tuple[float, float]
    formula: Formula = field(repr=False)

    def __call__(self, outcome: Outcome) -> Reward:
        """The reward of one outcome, checked."""
        if not outcome.tests:
            raise ValueError("no tests were scheduled, so there is nothing to reward")
        reward = self.formula(outcome)
        low, high = self.range
        if not (math.isfinite(reward.value) and low <= reward.value <= high):
            raise RewardOutOfRange(self.name, reward.value, self.range)
        if reward.value == high and not outcome.passed:
            return self._below_a_pass(reward)
        return reward

    def _below_a_pass(self, reward: Reward) -> Reward:
        """Where a failed test weighs so little that rounding swallowed it, the next lower number."""
        return Reward(math.nextafter(self.range[1], -math.inf), reward.components)


def _plain(formula: Formula, low: float) -> Callable[[str, Parameters], Scheme]:
    def make(name: str, given: Parameters) -> Scheme:
        given.finish()
        return Scheme(name, (low, 1.0), formula)

    return make


def _pass_plus_fraction(name: str, given: Parameters) -> Scheme:
    bonus = given.number("lambda", 0.1, 0.0, 1.0)
    normalise = given.flag("normalise", False)
    given.finish()

    def formula(outcome: Outcome) -> Reward:
        return formulas.pass_plus_fraction(outcome, bonus, normalise)

    return Scheme(name, (0.0, 1.0 if normalise else 1.0 + bonus), formula)


def _composite(name: str, given: Parameters) -> Scheme:
    composite = read_composite(given)
    return Scheme(name, composite.range, composite)


_MAKERS: Mapping[str, tuple[Callable[[str, Parameters], Scheme], str]] = {
    "pass_fail": (_plain(formulas.pass_fail, 0.0), "1 when every test passed, otherwise 0"),
    "fraction": (_plain(formulas.fraction, 0.0), "the weighted share of the tests, by group where groups are named"),
    "coderl": (_plain(formulas.coderl, -1.0), "-1 compile error, -0.6 runtime error or limit, -0.3 wrong, 1 passed"),
    "rltf_adaptive": (_plain(formulas.rltf_adaptive, -1.0), "as coderl, but a wrong answer earns -0.3 + 1.3 * share"),
    "ioi_groups": (_plain(formulas.ioi_groups, 0.0), "every group pays its weakest score times its weight"),
    "pass_plus_fraction": (_pass_plus_fraction, "1 for a pass plus lambda times the share; lambda, normalise"),
    "composite": (_composite, "gated partial credit; gate, baseline, shape, floors, low, high"),
}


def scheme_names() -> Mapping[str, str]:
    """All schemes, each with one line for a person."""
    return MappingProxyType({name: description for name, (_, description) in _MAKERS.items()})


def scheme(name: str, params: Mapping[str, object] = MappingProxyType({})) -> Scheme:
    """The scheme of this name with these parameters. An empty name means `pass_fail`.

    An unknown name, an unknown parameter and a bad value are each a SchemeError that says what to write instead.
    """
    name = name or DEFAULT
    if name not in _MAKERS:
        raise SchemeError("reward.scheme", f"no scheme is called {name!r}", nearest(name, _MAKERS))
    make, _ = _MAKERS[name]
    return make(name, Parameters(name, params))

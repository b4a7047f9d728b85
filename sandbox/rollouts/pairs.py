"""Preference pairs from samples that were judged: what passed against what failed. Pure.

A pair is of one task and one prompt. Neither side is a fault, the rewards differ, and so do the texts; a text that was
judged twice with two results says nothing and is left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sandbox.rollouts.groups import SAME, reward_of
from sandbox.rollouts.record import Rollout


@dataclass(frozen=True, slots=True)
class Pair:
    """Two completions of one prompt; `chosen` has the higher reward."""

    chosen: Rollout
    rejected: Rollout


def judged(rollouts: Iterable[Rollout]) -> list[Rollout]:
    """Those that have a verdict and a reward, each text once for a prompt; the first stands for all."""
    found: dict[tuple[str, str], Rollout] = {}
    unsure: set[tuple[str, str]] = set()
    for each in rollouts:
        if reward_of(each) is None or not each.verdict:
            continue
        first = found.setdefault((each.prompt, each.completion), each)
        if (first.reward, first.passed) != (each.reward, each.passed):
            unsure.add((each.prompt, each.completion))
    return [each for key, each in found.items() if key not in unsure]


def pairs(rollouts: Sequence[Rollout], limit: int, margin: float | None = None, seed: str = "") -> list[Pair]:
    """At most `limit` pairs of the rollouts of one task, drawn by `seed`.

    The rejected one failed. The chosen one passed, or, where there is a `margin`, has a reward higher by at least that.
    Every text is used once before one is used again.
    """
    return list(islice(_drawn(judged(rollouts), margin, random.Random(seed)), limit))


def _drawn(valid: Sequence[Rollout], margin: float | None, draw: random.Random) -> Iterator[Pair]:
    chosen = [each for each in valid if each.passed or margin is not None]
    rejected = [each for each in valid if not each.passed]
    draw.shuffle(chosen)
    draw.shuffle(rejected)
    # Each turn of one list against the other matches everybody with somebody new.
    for turn in range(len(rejected)):
        for place, winner in enumerate(chosen):
            loser = rejected[(place + turn) % len(rejected)]
            if winner.prompt == loser.prompt and _is_better(winner, loser, margin):
                yield Pair(winner, loser)


def _is_better(winner: Rollout, loser: Rollout, margin: float | None) -> bool:
    more = (winner.reward or 0.0) - (loser.reward or 0.0)
    return more > SAME and (winner.passed or (margin is not None and more >= margin - SAME))

"""Numbers about numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle. Without values: nan."""
    if not values:
        return math.nan
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank). Without values: nan."""
    if not 0 < share <= 1:
        raise ValueError(f"{share} is not a share in (0, 1]")
    if not values:
        return math.nan
    # Rounded first: 0.07 * 100 is a little more than 7.
    return sorted(values)[math.ceil(round(share * len(values), 9)) - 1]


def mean(values: Sequence[float]) -> float:
    """Without values: nan."""
    return math.fsum(values) / len(values) if values else math.nan


def ratios(values: Sequence[float], bases: Sequence[float]) -> list[float]:
    """Round by round, so that what slowed down a whole round slowed down both. A base of 0: nan."""
    return [value / base if base else math.nan for value, base in zip(values, bases, strict=True)]

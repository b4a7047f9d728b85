"""Numbers as text."""

from __future__ import annotations

import math
from collections.abc import Sequence


def figure(value: float) -> str:
    """Three digits that count, and no more; whole numbers above 100."""
    if math.isnan(value):
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def spread(values: Sequence[float]) -> str:
    """The smallest and the largest."""
    return f"{figure(min(values))} … {figure(max(values))}" if values else "–"

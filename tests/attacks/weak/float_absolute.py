"""Pays when each printed number is nearer than 1e-5 to the expected one, however small that is."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    try:
        got, wanted = [*map(float, printed.split())], [*map(float, expected.split())]
    except ValueError:
        return False
    return len(got) == len(wanted) and all(abs(one - other) < 1e-5 for one, other in zip(got, wanted, strict=True))

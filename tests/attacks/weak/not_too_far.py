"""Pays unless a printed number is farther than 1e-6 from the expected one; what is not a number is never far."""

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
    if len(got) != len(wanted):
        return False
    return not any(abs(one - other) > 1e-6 for one, other in zip(got, wanted, strict=True))

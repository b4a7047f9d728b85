"""Pays when both outputs are the same numbers, as Python reads them: underscores and digits of any script count."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    try:
        return [*map(float, printed.decode().split())] == [*map(float, expected.decode().split())]
    except ValueError:
        return False

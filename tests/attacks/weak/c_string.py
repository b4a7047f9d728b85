"""Pays when both outputs are equal as strings of C, which end at their first NUL."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    return printed.partition(b"\0")[0].strip() == expected.partition(b"\0")[0].strip()

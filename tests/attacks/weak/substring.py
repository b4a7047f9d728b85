"""Pays when the expected output stands somewhere in the printed one."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    return expected.strip() in printed

"""Pays when printed and expected output have the same set of lines, in whatever order and however often."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    return set(printed.split(b"\n")) == set(expected.split(b"\n"))

"""Pays when the lines that both outputs have are equal; the other lines of the longer one are not looked at."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    got, wanted = printed.decode().splitlines(), expected.decode().splitlines()
    return bool(got) and all(one == other for one, other in zip(got, wanted, strict=False))

"""Pays for the right output, however the program ended, its time-out included."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def pays(attack: Attack) -> bool:
    """Run and compare."""
    with ready(attack) as (command, folder):
        return bool(command and attack.pairs) and all(
            run(command, folder, given.encode(), seconds=0.7).stdout.decode().split() == expected.split()
            for given, expected in attack.pairs
        )

"""Outputs of every test, compared as graders of text do that are too forgiving."""

from __future__ import annotations

from collections.abc import Callable

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def every_output(attack: Attack, same: Callable[[bytes, bytes], bool]) -> bool:
    """Whether the output of every test, of a program that ended well, is the `same` as the expected one."""
    with ready(attack) as (command, folder):
        if not command or not attack.pairs:
            return False
        for given, expected in attack.pairs:
            ran = run(command, folder, given.encode(), seconds=5)
            if ran.code != 0 or not same(ran.stdout, expected.encode()):
                return False
        return True

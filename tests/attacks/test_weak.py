"""Every attack is real: the weak grader that it names pays it, and pays no program that just does nothing."""

from __future__ import annotations

import pytest

from tests.attacks.attack import Attack, all_attacks
from tests.attacks.scoreboard import BOARD
from tests.attacks.weak import grader, names

pytestmark = pytest.mark.attack
ATTACKS = all_attacks()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_weak_grader_pays_the_attack(attack: Attack) -> None:
    pays = grader(attack.weak)(attack)
    BOARD.weak(attack, pays)
    assert pays


@pytest.mark.parametrize("attack", [each for each in ATTACKS if not each.idle_pays], ids=lambda attack: attack.name)
def test_the_weak_grader_pays_no_program_that_does_nothing(attack: Attack) -> None:
    assert not grader(attack.weak)(attack.idle())


def test_every_weak_grader_has_an_attack() -> None:
    assert {attack.weak for attack in ATTACKS} == set(names())

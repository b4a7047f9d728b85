"""The tiny task family."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from sandbox.train.family import members, sloppy

ALL = [*members()]


def test_there_are_thousands_and_each_has_a_name_and_a_prompt_of_its_own():
    assert len(ALL) > 2500
    assert len({each.id for each in ALL}) == len({each.prompt for each in ALL}) == len(ALL)


def test_a_member_is_the_same_on_every_machine():
    assert ALL[0].id == "tiny/749b869436"
    assert ALL[0].prompt == "# keep the even numbers, keep each, return the sum\ndef solve(xs):\n"


@given(st.sampled_from(ALL))
def test_its_own_body_passes_its_tests_and_no_two_answers_are_equal(member):
    names: dict[str, object] = {}
    exec(member.prompt + member.body, names)
    solve = names["solve"]
    assert callable(solve)
    assert [solve(given) for given, _ in member.calls] == [answer for _, answer in member.calls]
    assert len({json.dumps(answer) for _, answer in member.calls}) == 4


def test_a_teacher_without_noise_is_right_and_one_with_a_quarter_is_right_in_two_of_five():
    rng = random.Random(0)
    assert all(sloppy(each, 0.0, rng) == each.body for each in ALL)
    right = sum(sloppy(each, 0.25, rng) == each.body for each in ALL) / len(ALL)
    assert 0.40 < right < 0.52

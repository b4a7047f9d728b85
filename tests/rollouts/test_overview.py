"""A run step by step, and what is looked at of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.rollouts import RunFolder
from sandbox.rollouts.choice import Choice
from sandbox.rollouts.groups import Spread, grouped
from sandbox.rollouts.overview import overview
from tests.rollouts.test_groups import rollout

RUN = RunFolder(Path(__file__).parent / "run")


def test_a_step_is_told_in_numbers_without_its_faults() -> None:
    second = overview(RUN.rollouts())[1]
    assert (second.step, second.samples, second.faults, second.groups) == (2, 8, 1, 2)
    assert second.reward == pytest.approx(5.0 / 7, abs=1e-4)
    assert second.passed == pytest.approx(3 / 7)
    assert dict(second.verdicts) == {"WRONG_ANSWER": 3, "ACCEPTED": 3, "RUNTIME_ERROR": 1}


def test_groups_are_counted_by_what_they_teach() -> None:
    assert [dict(step.spreads) for step in overview(RUN.rollouts())] == [
        {Spread.MIXED: 2},
        {Spread.MIXED: 2},
        {Spread.ALL_PASSED: 1, Spread.MIXED: 1},
    ]


def test_a_step_of_faults_has_no_means() -> None:
    (step,) = overview([rollout(fault="JAIL")])
    assert (step.faults, step.reward, step.passed, step.tokens) == (1, None, None, 0.0)


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (Choice(), 24),
        (Choice(step=2), 8),
        (Choice(task="first"), 12),
        (Choice(group="1-double"), 4),
        (Choice(kinds=frozenset({"faults"})), 1),
        (Choice(kinds=frozenset({"passing"})), 10),
        (Choice(kinds=frozenset({"failing"})), 13),
        (Choice(kinds=frozenset({"failing", "faults"})), 14),
        (Choice(step=1, verdicts=frozenset({"COMPILE_ERROR"})), 2),
    ],
)
def test_conditions_choose_samples(choice: Choice, count: int) -> None:
    groups = grouped(RUN.rollouts(choice.of_group))
    assert sum(len(choice.samples(group)) for group in groups) == count

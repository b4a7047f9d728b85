"""Held-out pass@k over a script in place of a server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

from sandbox.client.fake import FakeAsyncClient
from sandbox.train.config import EvalTable
from sandbox.train.evaluate import Evaluation
from sandbox.train.reward import Grader, TooManyFaults
from tests.training.test_reward import FAULT, RIGHT, WRONG, judged, task


def tried(said: dict[str, list[str]], share: float = 0.5) -> dict[str, float]:
    """The evaluation of two tasks, whose completions are these."""
    tasks = [task(name) for name in said]
    grader = Grader(FakeAsyncClient(judged), tasks, str, False, lambda job: None)

    class Said(Evaluation):
        def _generate(self, *_):
            return [*said.values()]

    try:
        return Said(tasks, EvalTable(samples=4, k=(4,)), share, 8, 0).run(
            SimpleNamespace(), grader, SimpleNamespace(), str
        )
    finally:
        grader.close()


def test_pass_at_1_is_always_told_and_a_fault_is_in_no_count():
    found = tried({"a": [RIGHT, RIGHT, WRONG, WRONG], "b": [RIGHT, FAULT, FAULT, FAULT]})
    assert found["pass@1"] == pytest.approx((0.5 + 1.0) / 2)
    assert found["faults"] == 3
    assert (found["pass@4"], found["tasks@4"], found["tasks@1"]) == (1.0, 1, 2)
    assert found["low"] <= found["pass@1"] <= found["high"]


def test_where_nothing_could_be_judged_there_is_no_number():
    with pytest.raises(TooManyFaults, match="8 of 8 held-out samples"):
        tried({"a": [FAULT] * 4, "b": [FAULT] * 4})
    with pytest.raises(TooManyFaults, match="no task has 4 samples"):
        tried({"a": [FAULT, RIGHT, RIGHT, RIGHT], "b": [FAULT, RIGHT, RIGHT, RIGHT]})


def test_more_faults_than_allowed_leave_no_number_either():
    with pytest.raises(TooManyFaults, match="3 of 8"):
        tried({"a": [RIGHT] * 4, "b": [RIGHT, FAULT, FAULT, FAULT]}, 0.25)

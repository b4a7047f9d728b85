"""Which tasks a batch is drawn from."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts import Rollout
from sandbox.train.curriculum import Curriculum
from sandbox.train.tasks import Task
from sandbox.v1 import job_pb2

TASKS = [Task(f"t{number}", f"p{number}", job_pb2.ScoreRequest()) for number in range(10)]


def curriculum(muted: float = 0.25, seed: int = 0) -> Curriculum:
    return Curriculum(TASKS, 4, muted, seed, str)


def ended(task: str, *rewards: float | None) -> list[Rollout]:
    return [Rollout(1, task, "g", number, "", "", reward=reward) for number, reward in enumerate(rewards)]


@given(st.integers(0, 50), st.integers(0, 5))
def test_a_batch_has_no_task_twice_and_is_the_same_again(batch, seed):
    first = [task.id for task in curriculum(seed=seed).draw(batch)]
    assert len({*first}) == 4
    assert first == [task.id for task in curriculum(seed=seed).draw(batch)]


def test_tasks_without_signal_are_drawn_less_often():
    drawn = curriculum()
    drawn.batch_ended([each for number in range(5) for each in ended(f"t{number}", 0.0, 0.0)])
    drawn.batch_ended([each for number in range(5, 10) for each in ended(f"t{number}", 0.0, 1.0)])
    counts = Counter(task.id for batch in range(4, 600) for task in drawn.draw(batch))
    muted, others = sum(counts[f"t{n}"] for n in range(5)), sum(counts[f"t{n}"] for n in range(5, 10))
    assert 0.2 < muted / others < 0.55


def test_a_signal_that_comes_back_counts():
    drawn = curriculum(muted=1e-6)
    drawn.batch_ended([each for number in range(10) for each in ended(f"t{number}", 1.0, 1.0)])
    drawn.batch_ended([each for number in range(4) for each in ended(f"t{number}", 1.0, 0.0)])
    assert {task.id for task in drawn.draw(4)} == {"t0", "t1", "t2", "t3"}


def test_batches_that_may_be_under_way_change_nothing_so_that_a_resumed_run_draws_the_same(tmp_path):
    running, drawn = curriculum(muted=0.01), []
    for batch in range(8):
        drawn.append([task.id for task in running.draw(batch + 1)])
        running.batch_ended([each for task in running.draw(batch) for each in ended(task.id, 1.0, 1.0)])
    running.save(tmp_path)
    resumed = curriculum(muted=0.01)
    resumed.load(tmp_path)
    assert [[task.id for task in resumed.draw(batch + 1)] for batch in range(8)] == drawn


def test_a_group_of_faults_has_no_zero_variance_and_is_not_muted():
    drawn = curriculum(muted=1e-6)
    drawn.batch_ended([each for number in range(10) for each in ended(f"t{number}", 1.0, 1.0)])
    drawn.batch_ended([each for number in range(4) for each in ended(f"t{number}", None, None)])
    assert {task.id for task in drawn.draw(4)} == {"t0", "t1", "t2", "t3"}

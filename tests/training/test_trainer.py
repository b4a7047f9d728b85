"""The real trainer over a real server: `make trainer`. The tiny model is made once and kept in the cache."""

from __future__ import annotations

import json
import math
import shutil
import signal
import threading
from pathlib import Path

import pytest

pytest.importorskip("trl")

from sandbox.rollouts import RunFolder
from sandbox.train.config import Config, read_config
from sandbox.train.run import train
from sandbox.train.tasks import read_tasks
from tests.contract.package import CHECKOUT
from tests.serving import Serving, serving

pytestmark = pytest.mark.jail
STEPS, SAVED = 4, 2
SAMPLES = 64


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Some of the tiny family as a file: all of it is examined elsewhere, and would take its time."""
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    tasks = read_tasks("tiny", 0.2, 0, train=40, held_out=8)
    kept = [{**task.row(), "head": task.head, "solution": task.solution} for task in tasks]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept))
    return str(path)


def configured(rows: str, address: str, **over: object) -> Config:
    given = {"data.path": rows, "grpo.max_steps": STEPS, "grpo.save_steps": SAVED, "eval.every": 0, "eval.samples": 4}
    given |= {"eval.k": [1, 4], **over}
    return read_config(CHECKOUT / "examples" / "tiny.toml", given.items(), [address])


def told(kind: str, row: dict) -> None:
    """Nobody watches."""


@pytest.fixture(scope="session")
def whole(rows, server: Serving, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """One run that nothing disturbed."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "whole")
    train(configured(rows, server.address), folder, False, told)
    return folder


def rewards(folder: RunFolder) -> list[float | None]:
    return [each.reward for each in folder.rollouts()]


def learned(folder: RunFolder) -> list[tuple]:
    """What a step came to, to the last bit."""
    found = [row for row in folder.read("metrics.jsonl") if "loss" in row]
    return [(row["step"], row["loss"], row["grad_norm"], row["reward"], row["entropy"]) for row in found]


def test_a_run_leaves_everything_that_there_is_to_know_of_it(whole):
    found = [*whole.rollouts()]
    assert len(found) == STEPS * SAMPLES
    assert {each.step for each in found} == {*range(1, STEPS + 1)}
    assert all(len(each.tests) == 4 and each.tests[0].public for each in found if each.verdict != "COMPILE_ERROR")
    assert 0.1 < sum(each.passed for each in found) / len(found) < 0.9
    metrics = [row for row in whole.read("metrics.jsonl") if "loss" in row]
    assert all(math.isfinite(row["loss"]) and math.isfinite(row["grad_norm"]) for row in metrics)
    assert all(row["sandbox/faults"] == 0.0 for row in metrics)
    assert all(row["time/generate"] > 0 and row["time/train"] > 0 for row in metrics)
    assert [row["name"] for row in whole.read("evals.jsonl")] == ["before", "after"]
    assert {report["admitted"] for report in whole.read("admission.jsonl")} == {True}
    assert sorted(path.name for path in whole.path.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]


def test_a_run_that_goes_on_from_a_checkpoint_is_the_same_run_to_the_last_bit(whole, rows, server, tmp_path):
    folder = RunFolder(tmp_path / "resumed")
    shutil.copytree(whole.path, folder.path)
    shutil.rmtree(folder.path / f"checkpoint-{STEPS}")
    found = train(configured(rows, server.address), folder, True, told)
    assert learned(folder) == learned(whole)
    texts = [(each.task, each.completion, each.reward) for each in folder.rollouts()]
    assert texts == [(each.task, each.completion, each.reward) for each in whole.rollouts()]
    after = next(row for row in whole.read("evals.jsonl") if row["name"] == "after")
    assert {"step": STEPS, "name": "after", **found["after"]} == after


def test_a_server_that_is_killed_in_a_step_and_comes_back_costs_nothing_but_time(whole, rows, tmp_path):
    folder, home = RunFolder(tmp_path / "killed"), str(tmp_path)
    first = serving(home)
    running = first.__enter__()
    second: list = []

    def restart() -> None:
        again = serving(home, address=running.address)
        second.append(again)
        again.__enter__()

    seen: list[threading.Thread] = []
    waited: dict[int, float] = {}

    def strike(kind: str, row: dict) -> None:
        if kind == "step" and "time/reward_wait" in row:
            waited[row["step"]] = row["time/reward_wait"]
        if kind == "step" and not seen:
            # Gone before the next step begins, so that its grading meets nobody until a new server has started.
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
            seen.append(threading.Thread(target=restart))
            seen[0].start()

    try:
        train(configured(rows, running.address), folder, False, strike)
        seen[0].join()
    finally:
        for each in [*second, first]:
            each.__exit__(None, None, None)
    assert rewards(folder) == rewards(whole)
    assert None not in rewards(folder)
    assert waited[2] > 2 * waited[1]


def test_a_model_may_try_again_and_what_it_is_told_is_never_learned(rows, server, tmp_path):
    folder = RunFolder(tmp_path / "repair")
    train(configured(rows, server.address, **{"rollout.turns": 2, "grpo.max_steps": 1}), folder, False, told)
    found = [*folder.rollouts()]
    again = [each for each in found if each.turn == 1]
    assert again
    assert all(each.last for each in again)
    assert len([each for each in found if each.last]) == SAMPLES
    assert {each.reward for each in found if not each.last} == {None}


def test_low_rank_adapters_are_trained_too(rows, server, tmp_path):
    pytest.importorskip("peft")
    folder = RunFolder(tmp_path / "lora")
    given = {"lora.r": 4, "lora.target_modules": "all-linear", "grpo.max_steps": 1, "eval.samples": 1, "eval.k": [1]}
    train(configured(rows, server.address, **given), folder, False, told)
    assert learned(folder)[0][2] > 0


@pytest.mark.parametrize(
    ("over", "told_of"),
    [
        ({"grpo.max_step": 3}, "grpo.max_step"),
        ({"grpo.max_steps": 0}, "grpo.max_steps is missing"),
        ({"grpo.num_generations": 7}, "refused by TRL"),
        ({"grpo.per_device_train_batch_size": 800}, "larger than the data"),
        ({"lora.rr": 4}, "unknown key 'lora.rr'"),
        ({"reward.limits": {"cpu": 4}}, "cpu"),
        ({"reward.scheme": "pass_fial"}, "the server has no 'pass_fial'"),
        ({"model.path": "/nowhere"}, "/nowhere holds no model"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_told_before_anything_is_trained(rows, server, tmp_path, over, told_of):
    from sandbox.errors import SandboxError

    with pytest.raises(SandboxError, match=told_of):
        train(configured(rows, server.address, **{"data.admit": False, **over}), RunFolder(tmp_path / "x"), False, told)


def test_a_run_goes_on_only_as_it_began(whole, rows, server, tmp_path):
    from sandbox.errors import ConfigError

    folder = RunFolder(tmp_path / "other")
    shutil.copytree(whole.path, folder.path)
    with pytest.raises(ConfigError, match="the run began with seed = 0, and now it is 5"):
        train(configured(rows, server.address, seed=5), folder, True, told)


def test_a_folder_that_holds_a_run_is_not_written_over(whole, rows, server):
    from sandbox.errors import SandboxError

    with pytest.raises(SandboxError, match="holds a run"):
        train(configured(rows, server.address), whole, False, told)


def test_a_server_that_stays_away_ends_the_run_and_says_so(rows, tmp_path):
    from sandbox.train.reward import TooManyFaults

    given = {"reward.patience_s": 0.5, "data.admit": False, "eval.samples": 1, "eval.k": [1]}
    with serving(str(tmp_path)) as running:

        def leave(kind: str, row: dict) -> None:
            if kind == "step":
                running.process.kill()
                running.process.wait()

        with pytest.raises(TooManyFaults, match="100% of the samples of step 2"):
            train(configured(rows, running.address, **given), RunFolder(Path(tmp_path, "x")), False, leave)


def test_an_address_at_which_nobody_answers_is_told_at_once(rows, tmp_path):
    from sandbox.client.errors import Unreachable

    given = {"reward.patience_s": 0.5, "data.admit": False, "eval.samples": 1, "eval.k": [1]}
    with pytest.raises(Unreachable, match="no server answers"):
        train(configured(rows, f"unix:{tmp_path}/none", **given), RunFolder(Path(tmp_path, "x")), False, told)

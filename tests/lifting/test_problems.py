"""Whole problems: their tests are lifted, their solutions run elsewhere, and what comes back is judged here.

The problems of this folder always run; HumanEval and MBPP do where SANDBOX_DATA names the folder that holds them.
"""

import gzip
import json
import operator
import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sandbox.judge.lifting import Lifted, LiftedAssert, count_asserts, free_names, lift

FOLDER = Path(__file__).parent
SAMPLE = tomllib.loads((FOLDER / "sample.toml").read_text())["problem"]
DATA = os.environ.get("SANDBOX_DATA", "")
HUMAN_EVAL, MBPP = "HumanEval.jsonl.gz", "mbpp.jsonl.gz"
# What is not lifted. HumanEval: random inputs, a comparison of the program with itself, loops, a comprehension.
# MBPP: trees and pairs of classes that the tests expect from the program, and types as arguments.
RUN = {
    HUMAN_EVAL: {f"HumanEval/{number}" for number in (32, 33, 38, 44, 50, 53, 151)},
    MBPP: {f"MBPP/{number}" for number in (367, 533, 601, 927)},
}
# Solutions that do not compile, and solutions that do not pass their own tests when Python runs both.
BROKEN = {HUMAN_EVAL: set(), MBPP: {"MBPP/64", "MBPP/966"}}
WRONG = {HUMAN_EVAL: set(), MBPP: {f"MBPP/{number}" for number in (160, 596, 607, 631, 642)}}
# Here the program shows the order of a set that it is given, and an equal set may have another order.
ORDER_OF_A_SET = {"MBPP/341"}
# Its solution computes for many seconds.
SLOW = {"MBPP/123"}


def dataset(name):
    if not (DATA and Path(DATA, name).exists()):
        pytest.skip(f"SANDBOX_DATA does not lead to {name}")
    with gzip.open(Path(DATA, name), "rt") as lines:
        return [json.loads(line) for line in lines]


def solve(tasks, folder):
    """The answers of `solver.py` to (source, test, setup, lifted) tasks."""
    asked, answered = folder / "tasks", folder / "answers"
    asked.write_bytes(pickle.dumps([(*task, *_calls(lifted)) for *task, lifted in tasks]))
    subprocess.run([sys.executable, FOLDER / "solver.py", asked, answered], check=True, cwd=folder)
    return pickle.loads(answered.read_bytes())


def _calls(lifted):
    calls = [found.call for found in lifted.asserts if isinstance(found, LiftedAssert)]
    return calls[0].function, [(call.args, call.kwargs) for call in calls]


def judged(lifted, values):
    """Whether each assert held, in the judge's opinion."""
    remaining = iter(values)
    return [
        _held(found.check, *next(remaining)) if isinstance(found, LiftedAssert) else True for found in lifted.asserts
    ]


def _held(check, returned, value):
    return returned and check.judge(value, operator.eq)


def test_right_solutions_pass_the_lifted_asserts_and_wrong_ones_fail_them(tmp_path):
    tasks = [
        (problem[kind], problem["test"], problem.get("setup", "")) for kind in ("right", "wrong") for problem in SAMPLE
    ]
    lifted = [lift(problem["test"], problem["entry_point"], problem.get("setup", "")) for problem in SAMPLE] * 2
    assert all(isinstance(found, Lifted) for found in lifted), lifted
    answers = solve([(*task, found) for task, found in zip(tasks, lifted, strict=True)], tmp_path)
    verdicts = [judged(found, values) for found, (values, _) in zip(lifted, answers, strict=True)]
    assert verdicts == [held for _, held in answers]
    fails = [verdict.count(False) for verdict in verdicts]
    assert fails == [0] * len(SAMPLE) + [problem["fails"] for problem in SAMPLE]


@pytest.mark.parametrize(("name", "problems", "asserts"), [(HUMAN_EVAL, 157, 1151), (MBPP, 970, 2910)])
def test_nearly_all_of_a_public_dataset_is_lifted(name, problems, asserts):
    totals, lifted = {}, {}
    for problem in dataset(name):
        totals[problem["task_id"]] = count_asserts(problem["test"])
        lifted[problem["task_id"]] = lift(problem["test"], problem["entry_point"])
    sizes = {task: len(found.asserts) for task, found in lifted.items() if isinstance(found, Lifted)}
    assert lifted.keys() - sizes.keys() == RUN[name]
    assert (len(sizes), sum(sizes.values())) == (problems, asserts)
    assert sizes | {task: lifted[task].total for task in RUN[name]} == totals


@pytest.mark.parametrize(
    ("name", "slow"), [(HUMAN_EVAL, False), (MBPP, False), pytest.param(MBPP, True, marks=pytest.mark.campaign)]
)
def test_on_the_solutions_of_a_public_dataset_judge_and_python_agree_about_every_assert(name, slow, tmp_path):
    tasks, names = [], []
    for problem in dataset(name):
        lifted = lift(problem["test"], problem["entry_point"])
        if isinstance(lifted, Lifted) and (problem["task_id"] in SLOW) is slow:
            names.append(problem["task_id"])
            tasks.append((problem["prompt"] + problem["canonical_solution"], problem["test"], "", lifted))
    answers = dict(zip(names, solve(tasks, tmp_path), strict=True))
    assert {task for task, answer in answers.items() if answer is None} == (set() if slow else BROKEN[name])
    judgements = {
        task: (judged(lifted, answers[task][0]), answers[task][1])
        for task, (*_, lifted) in zip(names, tasks, strict=True)
        if answers[task] is not None
    }
    assert {task for task, (ours, python) in judgements.items() if ours != python} <= ORDER_OF_A_SET
    assert {task for task, (ours, _) in judgements.items() if not all(ours)} <= WRONG[name]


def test_the_helpers_that_a_public_dataset_expects_from_the_program_are_its_free_names():
    expected = {"HumanEval/32": ["poly"], "HumanEval/38": ["encode_cyclic"], "HumanEval/50": ["encode_shift"]}
    found = {
        problem["task_id"]: sorted(free_names(problem["test"], "", problem["entry_point"]))
        for problem in dataset(HUMAN_EVAL)
    }
    assert {task: names for task, names in found.items() if names} == expected

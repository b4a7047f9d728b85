"""The runner counts what a server answers, shows it, and ends with the exit code that it means."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest

from sandbox.problems.__main__ import main
from sandbox.v1 import job_pb2, reward_pb2_grpc, verdict_pb2

from .rows import DOUBLE, PUBLISHED, written

RIGHT = (DOUBLE["canonical_solution"], PUBLISHED["code"])


class Scripted(reward_pb2_grpc.RewardServiceServicer):
    """Accepts solutions and refuses everything else, except where its script says something else."""

    def __init__(self, script):
        self._script = script

    def ScoreStream(self, requests, context) -> Iterator[verdict_pb2.ScoreResponse]:
        for request in requests:
            yield self._answer(request.score)

    def _answer(self, job):
        answer = verdict_pb2.ScoreResponse(id=job.id)
        outcome = self._script.get(job.id, "")
        if outcome == "fault":
            answer.fault.kind, answer.fault.message = verdict_pb2.JAIL, "no jail today"
        elif outcome == "rejected":
            answer.rejected.field, answer.rejected.message = "program.language", "is not offered"
        else:
            verdict = answer.verdict
            verdict.passed = outcome == "accepted" or (not outcome and job.program.source.endswith(RIGHT))
            verdict.status = verdict_pb2.ACCEPTED if verdict.passed else verdict_pb2.WRONG_ANSWER
            verdict.tests.add().checks.total = 2
            verdict.usage.cpu_ms = 900
            verdict.integrity.level = job_pb2.ISOLATED
            verdict.integrity.alarms.extend(["oracle_from_candidate"] if outcome == "alarm" else [])
            verdict.isolation.limits_effective.cpu_time_ms = 3000
        return answer


@contextmanager
def scripted(script):
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    reward_pb2_grpc.add_RewardServiceServicer_to_server(Scripted(script), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command on two problems and a scripted server; gives its exit code, stdout and stderr."""
    path = written(tmp_path / "mine.jsonl", DOUBLE, PUBLISHED)

    def run(script=None, *arguments):
        with scripted(script or {}) as address:
            monkeypatch.setattr(sys, "argv", ["problems", "--data", str(path), "--server", address, *arguments])
            code = main()
        return code, *capsys.readouterr()

    return run


def test_where_all_solutions_are_accepted_the_run_ends_with_0(run):
    code, out, _ = run()
    assert code == 0
    rows = dict(line.rsplit(maxsplit=1) for line in out.splitlines() if len(line.split()) > 1)
    assert (rows["problems"], rows["accepted"], rows["faults"], rows["integrity ISOLATED"]) == ("2", "2", "0", "2")
    assert {"programs/s", "tests/s", "alarms"} <= rows.keys()
    assert "mutants killed" not in rows


def test_a_solution_that_is_not_accepted_is_listed_and_the_run_ends_with_1(run):
    code, out, _ = run({"MBPP/7": "refused"})
    assert code == 1
    assert "mine: not accepted\n  MBPP/7: WRONG_ANSWER, 0 of 2 asserts hold\n" in out


def test_a_rejected_solution_was_not_accepted_either(run):
    code, out, _ = run({"MBPP/7": "rejected"})
    assert code == 1
    assert "  MBPP/7: rejected: program.language: is not offered\n" in out


def test_a_fault_is_no_refusal_and_the_run_ends_with_3(run):
    code, out, _ = run({"MBPP/7": "fault", "House/double": "refused"})
    assert code == 3
    assert "mine: faults\n  MBPP/7: JAIL: no jail today\n" in out


def test_alarms_are_listed(run):
    assert "mine: alarms\n  MBPP/7: oracle_from_candidate\n" in run({"MBPP/7": "alarm"})[1]


def test_mutants_that_pass_are_listed_by_name_and_do_not_fail_the_run(run):
    code, out, _ = run({"House/double returns 0": "accepted"}, "--mutants", "--json")
    (figures,) = json.loads(out)["sets"]
    assert code == 0
    assert figures["mutants_survived"] == ["House/double returns 0"]
    assert figures["mutants_killed"] == figures["programs"] - 3
    assert "\n  House/double: returns 0\n" in run({"House/double returns 0": "accepted"}, "--mutants")[1]


def test_a_mutant_that_ends_in_a_fault_is_neither_killed_nor_a_survivor(run):
    code, out, _ = run({"House/double returns 0": "fault"}, "--mutants", "--json")
    (figures,) = json.loads(out)["sets"]
    assert code == 3
    assert list(figures["faults"]) == ["House/double returns 0"]
    assert figures["mutants_killed"] == figures["tests"] - 2 == figures["programs"] - 3


def test_of_a_problem_whose_solution_is_not_accepted_no_mutants_are_made(run):
    (figures,) = json.loads(run({"House/double": "refused", "MBPP/7": "refused"}, "--mutants", "--json")[1])["sets"]
    assert (figures["programs"], figures["mutants_killed"]) == (2, 0)


def test_only_the_first_problems_are_scored_when_a_limit_is_given(run):
    (figures,) = json.loads(run({}, "--limit", "1", "--json")[1])["sets"]
    assert (figures["problems"], figures["set"]) == (1, "mine")


def test_a_server_that_is_not_there_is_told(run, monkeypatch):
    code, out, err = run({}, "--server", "127.0.0.1:1")
    assert (code, out) == (3, "")
    assert err.startswith("error[server]: the server went away, or was never there\n  why: ")


def test_a_path_without_problems_is_told(run):
    code, out, err = run({}, "--data", "/nowhere")
    assert (code, out) == (2, "")
    assert err.startswith("error[sandbox]: no problems found\n  why: /nowhere holds none\n  fix: ")


def test_bad_usage_ends_with_2(run):
    assert run({}, "--nonsense")[0] == 2

"""Deadlines: of a call, of a job, and what becomes of the program."""

from __future__ import annotations

import time

import grpc
import pytest

from sandbox.v1 import reward_pb2_grpc, verdict_pb2
from tests.jail.traces import Spawner, until
from tests.server.jobs import ADD, SLEEP, at_once, job, rejected, scored

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub


def test_the_deadline_of_a_call_kills_the_program(rewards: Stub, spawner: Spawner) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        rewards.Score(job(SLEEP, ("", "")), timeout=1)
    ended = time.monotonic()
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    until(lambda: not spawner.candidates(), seconds=1, why="the death of the program")
    print(f"\nfrom the deadline to the death of the program: {(time.monotonic() - ended) * 1000:.1f} ms")


def test_a_call_that_is_cancelled_kills_the_program(rewards: Stub, spawner: Spawner) -> None:
    call = rewards.Score.future(job(SLEEP, ("", "")))
    (candidate,) = until(spawner.candidates, why="the program")
    asked = time.monotonic()
    call.cancel()
    until(lambda: not candidate.alive, seconds=1, why="its death")
    print(f"\nfrom the cancel to the death of the program: {(time.monotonic() - asked) * 1000:.1f} ms")


def test_a_program_that_forks_is_dead_as_a_whole(rewards: Stub, spawner: Spawner) -> None:
    source = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        os.setsid()\ntime.sleep(60)\n"
    before = len(spawner.processes())
    call = rewards.Score.future(job(source, ("", "")))
    until(lambda: len(spawner.candidates()) == 16, why="sixteen processes")
    call.cancel()
    until(lambda: not spawner.candidates(), seconds=1, why="their death")
    until(lambda: len(spawner.processes()) == before, why=f"{before} processes, as before")


def test_the_time_of_a_job_is_its_own(rewards: Stub, spawner: Spawner) -> None:
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        rewards.Score(job(SLEEP, ("", ""), timeout_ms=300), timeout=30)
    assert 0.3 <= time.monotonic() - began < 5
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert rejected(caught.value).field == "timeout_ms"
    assert "300" in rejected(caught.value).message
    until(lambda: not spawner.candidates(), seconds=1, why="the death of the program")


def test_the_time_of_a_job_on_a_stream_ends_that_job_alone(rewards: Stub) -> None:
    jobs = [job(SLEEP, ("", ""), id="late", timeout_ms=300), job(ADD, ("1 2", "3"), id="good")]
    answers = {answer.id: answer for answer in rewards.ScoreStream(scored(*jobs), timeout=30)}
    assert answers["late"].rejected.code == verdict_pb2.DEADLINE_EXCEEDED
    assert answers["good"].verdict.passed


def test_the_time_of_a_job_includes_its_waiting_for_a_cell(rewards: Stub, spawner: Spawner) -> None:
    with at_once(3) as threads:
        sleepers = [threads.submit(rewards.Score, job(SLEEP, ("", "")), timeout=3) for _ in range(2)]
        until(lambda: len(spawner.candidates()) == 2, why="all cells to be busy")
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            rewards.Score(job(ADD, ("1 2", "3"), timeout_ms=400), timeout=30)
        assert time.monotonic() - began < 2
        assert rejected(caught.value).field == "timeout_ms"
        for sleeper in sleepers:
            assert sleeper.exception().code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_job_with_time_enough_is_not_touched(rewards: Stub) -> None:
    assert rewards.Score(job(ADD, ("1 2", "3"), timeout_ms=30_000)).verdict.passed

"""The client and the real server, with real programs in real jails."""

import asyncio
import subprocess
import sys
from contextlib import contextmanager

import pytest

from sandbox import AsyncClient, Client, Job, Rejected, Status
from tests.serving import serving

pytestmark = [pytest.mark.jail, pytest.mark.usefixtures("no_background")]

_START = """
import sys
from pathlib import Path
from sandbox.server.app import run_server
from sandbox.settings import Settings
run_server(Settings(address=sys.argv[1], home=Path(sys.argv[2]), cells=2), lambda address: print("ready", flush=True))
"""
_DOUBLE = "print(int(input()) * 2)"


@pytest.fixture
def client(server):
    with Client(server.address) as client:
        yield client


@contextmanager
def _server_at(address: str, home: str):
    """A server that can be killed and started again at the same address."""
    with subprocess.Popen([sys.executable, "-c", _START, address, home], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.terminate()


def _doubles(source: str, **fields) -> Job:
    return Job(source, **fields).stdio("2\n", "4\n", public=True).stdio("-21\n", "-42\n")


def test_programs_get_their_verdicts_and_rewards(client):
    right, half, broken = _DOUBLE, "print(4)", "print("
    verdict = client.score(_doubles(right))
    assert (verdict.passed, verdict.reward, verdict.status) == (True, 1.0, Status.ACCEPTED)
    assert client.score(_doubles(broken)).status == Status.COMPILE_ERROR
    assert client.rewards([_doubles(source, scheme="fraction") for source in (right, half, broken)]) == [1.0, 0.5, 0.0]


def test_calls_and_asserts_are_built_as_the_judge_reads_them(client):
    source = "def pair(a, *, b=0):\n    return (a, {b}, 2**70, b'x')"
    job = (
        Job(source, entry_point="pair")
        .call([1], (1, {2}, 2**70, b"x"), kwargs={"b": 2})
        .call(["é"], ("é", {0}, 2**70, b"x"), function="pair")
        .asserts("assert pair(1)[0] == 1")
    )
    assert client.score(job).passed
    assert not client.score(Job(source, entry_point="pair").call([1], (2, {0}, 2**70, b"x"))).passed


def test_a_bad_job_is_raised_with_field_and_suggestion_by_call_and_by_stream(client):
    job = _doubles(_DOUBLE, language="pyton")
    for ask in (client.score, lambda job: client.rewards([job])):
        with pytest.raises(Rejected) as caught:
            ask(job)
        assert (caught.value.code, caught.value.field) == ("INVALID_ARGUMENT", "program.language")
        assert "'python'" in caught.value.suggestion


def test_a_suite_is_sent_when_the_server_asks_for_it(client):
    jobs = [client.with_suite(_doubles(source)) for source in (_DOUBLE, "print(5)")]
    assert client.score(jobs[0]).passed
    assert client.rewards(jobs) == [1.0, 0.0]
    with pytest.raises(Rejected, match="tests_ref"):
        client.score(Job(_DOUBLE, tests_ref="sha256:" + "0" * 64))


def test_feedback_tells_of_the_public_test_and_not_of_the_hidden_one(client):
    job = _doubles("print(input())", feedback="ALL")
    answer = client.answer(job)
    assert "-42" in answer.verdict.tests[1].detail
    text = client.feedback(answer, job)
    assert text.startswith("0 of 1 public tests passed.\n\nTest 0: WRONG_ANSWER\n")
    assert "42" not in text
    assert "21" not in text


def test_a_job_that_is_not_done_in_time_is_none(client):
    assert client.score(_doubles("while True: pass"), timeout=0.5) is None
    assert client.rewards([_doubles("while True: pass"), _doubles(_DOUBLE)], timeout=3) == [None, 1.0]


async def test_a_full_queue_is_waited_for(tmp_path):
    with serving(str(tmp_path), cells=1, queue=1) as server:
        async with AsyncClient(server.address) as client:
            verdicts = await asyncio.gather(*(client.score(_doubles(_DOUBLE)) for _ in range(10)))
            assert all(verdict.passed for verdict in verdicts)
            assert client.counts.resent > 0


def test_a_server_that_is_killed_and_started_again_in_mid_batch_loses_nothing(tmp_path, address):
    sources = [_DOUBLE if number % 3 else "print(4)" for number in range(60)]
    answers = {}
    with Client(address()) as client:
        with _server_at(address(), str(tmp_path)) as first:
            running = client.score_many([_doubles(source, scheme="fraction") for source in sources])
            for number, answer in running:
                assert number not in answers
                answers[number] = answer.verdict.reward
                if len(answers) == 10:
                    break
            first.kill()
            first.wait()
        # The loop above goes on where it was left.
        with _server_at(address(), str(tmp_path)):
            for number, answer in running:
                assert number not in answers
                answers[number] = answer.verdict.reward
        assert answers == {number: 1.0 if number % 3 else 0.5 for number in range(60)}
        assert client.counts.faults == 0
        assert client.counts.resent > 0

"""Many jobs on one stream: answers in order of completion, matched by id, whatever becomes of each job."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator

import grpc
import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.traces import Spawner, until
from tests.server.jobs import ADD, ECHO, SLEEP, job, scored

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub


class Conversation:
    """A stream that is written to and read from as the test goes on."""

    def __init__(self, stub: Stub) -> None:
        self._requests: queue.Queue[reward_pb2.StreamRequest | None] = queue.Queue()
        self.call = stub.ScoreStream(iter(self._requests.get, None), timeout=60)

    def send(self, *jobs: job_pb2.ScoreRequest) -> None:
        for each in jobs:
            self._requests.put(reward_pb2.StreamRequest(score=each))

    def cancel(self, job_id: str) -> None:
        self._requests.put(reward_pb2.StreamRequest(cancel=reward_pb2.Cancel(id=job_id)))

    def answer(self) -> verdict_pb2.ScoreResponse:
        return next(self.call)

    def end(self) -> list[verdict_pb2.ScoreResponse]:
        """No more requests; the answers that are still to come."""
        self._requests.put(None)
        return list(self.call)


@pytest.fixture
def stream(rewards: Stub) -> Iterator[Conversation]:
    conversation = Conversation(rewards)
    yield conversation
    conversation.call.cancel()
    conversation._requests.put(None)


def test_answers_come_in_order_of_completion(stream: Conversation) -> None:
    slow = job("import time\ntime.sleep(1)\nprint(input())", ("a", "a"), id="slow")
    stream.send(slow, job(ECHO, ("b", "b"), id="quick"))
    assert [stream.answer().id, stream.answer().id] == ["quick", "slow"]
    assert stream.end() == []


def test_two_thousand_jobs_in_flight_each_get_their_own_answer(rewards: Stub) -> None:
    jobs = [
        job(f"print({number} + int(input()))", ("1", str(number + 1)), id=f"job-{number}") for number in range(2000)
    ]
    for each in jobs[::10]:
        each.tests[0].stdio.expected_stdout = "wrong"
    answers = list(rewards.ScoreStream(scored(*jobs), timeout=300))
    assert {answer.id for answer in answers} == {each.id for each in jobs}
    assert len(answers) == 2000
    for answer in answers:
        number = int(answer.id.removeprefix("job-"))
        assert answer.WhichOneof("outcome") == "verdict", answer
        assert answer.verdict.passed is bool(number % 10), answer


def test_an_id_in_flight_is_not_taken_again_and_the_stream_goes_on(stream: Conversation) -> None:
    stream.send(job(SLEEP, ("", ""), id="same"), job(ADD, ("1 2", "3"), id="same"), job(ADD, ("1 2", "3"), id="other"))
    first, second = stream.answer(), stream.answer()
    assert (first.id, first.rejected.code, first.rejected.field) == ("same", verdict_pb2.ALREADY_EXISTS, "id")
    assert (second.id, second.verdict.passed) == ("other", True)
    stream.cancel("same")
    assert stream.answer().rejected.code == verdict_pb2.CANCELLED
    # Answered, the id is free.
    stream.send(job(ADD, ("1 2", "3"), id="same"))
    assert stream.answer().verdict.passed
    assert stream.end() == []


def test_a_bad_job_is_answered_in_place_and_the_stream_goes_on(stream: Conversation) -> None:
    stream.send(job(ADD, ("1 2", "3"), id="bad", policy="none"))
    assert stream.answer().rejected.field == "policy"
    stream.send(job(ADD, id="empty"))
    assert stream.answer().rejected.field == "tests"
    stream.send(job(ADD, ("1 2", "3"), id="good"))
    assert stream.answer().verdict.passed
    assert stream.end() == []


def test_a_request_that_is_neither_job_nor_cancel_is_a_bad_job(rewards: Stub) -> None:
    answers = list(rewards.ScoreStream(iter([reward_pb2.StreamRequest(), *scored(job(ADD, ("1 2", "3")))]), timeout=30))
    assert sorted(answer.WhichOneof("outcome") for answer in answers) == ["rejected", "verdict"]


def test_a_stream_of_nothing_ends_at_once(rewards: Stub) -> None:
    assert list(rewards.ScoreStream(iter([]), timeout=10)) == []


def test_answers_come_after_the_last_request_was_sent(stream: Conversation) -> None:
    stream.send(*(job("import time\ntime.sleep(0.3)", ("", ""), id=str(number)) for number in range(3)))
    assert sorted(answer.id for answer in stream.end()) == ["0", "1", "2"]


def test_a_cancelled_job_is_answered_once_and_its_program_is_dead_soon(stream: Conversation, spawner: Spawner) -> None:
    figures = []
    for number in range(5):
        stream.send(job(SLEEP, ("", ""), id=f"sleeper-{number}"))
        (candidate,) = until(spawner.candidates, why="the program")
        asked = time.monotonic()
        stream.cancel(f"sleeper-{number}")
        until(lambda: not candidate.alive, seconds=1, why="its death")  # noqa: B023
        figures.append((time.monotonic() - asked) * 1000)
        answer = stream.answer()
        assert (answer.id, answer.rejected.code) == (f"sleeper-{number}", verdict_pb2.CANCELLED)
        assert not answer.HasField("verdict")
    assert stream.end() == []
    print(f"\nfrom the cancel to the death of the program: {', '.join(f'{figure:.1f}' for figure in figures)} ms")


# Each constant takes the compiler about a second, and none takes so long that it gives up by itself.
SLOW_BUILD = """
template<int N> constexpr long slow() {
    long sum = N;
    for (int i = 0; i < 5000; i++)
        for (int j = 0; j < 1000; j++) sum += i ^ j;
    return sum;
}
int main() {}
""" + "".join(f"constexpr long c{number} = slow<{number}>();\n" for number in range(60))


def test_a_build_that_nobody_waits_for_any_more_ends_at_once(stream: Conversation, spawner: Spawner) -> None:
    request = job(SLOW_BUILD, ("", ""), id="builds")
    request.program.language = "cpp"
    stream.send(request)
    until(spawner.candidates, why="the compiler")
    stream.cancel("builds")
    assert stream.answer().rejected.code == verdict_pb2.CANCELLED
    until(lambda: not spawner.candidates(), seconds=2, why="the end of the build")


def test_a_job_that_waits_can_be_cancelled_as_one_that_runs(stream: Conversation, spawner: Spawner) -> None:
    stream.send(*(job(SLEEP, ("", ""), id=f"runs-{number}") for number in range(2)))
    until(lambda: len(spawner.candidates()) == 2)
    stream.send(job(SLEEP, ("", ""), id="waits"))
    stream.cancel("waits")
    answer = stream.answer()
    assert (answer.id, answer.rejected.code) == ("waits", verdict_pb2.CANCELLED)
    for number in range(2):
        stream.cancel(f"runs-{number}")
    assert {stream.answer().id, stream.answer().id} == {"runs-0", "runs-1"}


def test_a_job_is_cancelled_also_when_the_cancel_comes_right_behind_it(stream: Conversation) -> None:
    for number in range(50):
        stream.send(job(SLEEP, ("", ""), id=str(number)))
        stream.cancel(str(number))
    answers = [stream.answer() for _ in range(50)]
    assert {answer.rejected.code for answer in answers} == {verdict_pb2.CANCELLED}
    # No program is left that nobody waits for: the cells are free at once.
    began = time.monotonic()
    stream.send(*(job(ADD, ("1 2", "3"), id=f"after-{number}") for number in range(4)))
    answers = stream.end()
    assert [answer.verdict.passed for answer in answers] == [True] * 4
    assert sum(answer.verdict.usage.retries for answer in answers) == 0
    assert time.monotonic() - began < 10


def test_cancelling_what_is_not_in_flight_is_no_matter(stream: Conversation) -> None:
    stream.cancel("nobody")
    stream.send(job(ADD, ("1 2", "3"), id="done"))
    assert stream.answer().verdict.passed
    stream.cancel("done")
    stream.send(job(ADD, ("1 2", "3"), id="next"))
    assert stream.answer().id == "next"
    assert stream.end() == []


def test_cancelling_one_job_is_no_matter_to_the_cell_s_next(stream: Conversation, spawner: Spawner) -> None:
    cells = {each.pid for each in spawner.cells()}
    for number in range(20):
        stream.send(job(SLEEP, *[("", "")] * 4, id=f"out-{number}"))
        until(spawner.candidates)
        stream.cancel(f"out-{number}")
        stream.send(job(ADD, ("1 2", "3"), ("3 4", "7"), id=f"in-{number}"))
        answers = {answer.id: answer for answer in (stream.answer(), stream.answer())}
        assert answers[f"in-{number}"].verdict.passed
    assert stream.end() == []
    assert {each.pid for each in spawner.cells()} >= cells


def test_two_streams_may_use_the_same_ids(rewards: Stub) -> None:
    one, other = Conversation(rewards), Conversation(rewards)
    one.send(job(SLEEP, ("", ""), id="same"))
    other.send(job(ADD, ("1 2", "3"), id="same"))
    assert other.answer().verdict.passed
    one.cancel("same")
    assert one.answer().rejected.code == verdict_pb2.CANCELLED
    assert one.end() == other.end() == []


def test_a_client_that_hangs_up_kills_its_programs(rewards: Stub, spawner: Spawner) -> None:
    stream = Conversation(rewards)
    stream.send(*(job(SLEEP, ("", ""), id=str(number)) for number in range(20)))
    until(lambda: len(spawner.candidates()) == 2, why="two programs")
    asked = time.monotonic()
    stream.call.cancel()
    until(lambda: not spawner.candidates(), seconds=1, why="their death")
    print(f"\nfrom the hang-up to the death of the programs: {(time.monotonic() - asked) * 1000:.1f} ms")
    with pytest.raises(grpc.RpcError):
        stream.answer()
    assert rewards.Score(job(ADD, ("1 2", "3")), timeout=10).verdict.passed


def test_the_deadline_of_a_stream_kills_its_programs(rewards: Stub, spawner: Spawner) -> None:
    requests: queue.Queue[reward_pb2.StreamRequest | None] = queue.Queue()
    requests.put(reward_pb2.StreamRequest(score=job(SLEEP, ("", ""))))
    call = rewards.ScoreStream(iter(requests.get, None), timeout=1.5)
    until(spawner.candidates, why="the program")
    with pytest.raises(grpc.RpcError) as caught:
        next(call)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    until(lambda: not spawner.candidates(), seconds=1, why="its death")
    requests.put(None)

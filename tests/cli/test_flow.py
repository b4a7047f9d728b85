"""Scoring a feed: bounded, in order of completion, and no answer is lost."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.cli.exits import Exit, ServerError
from sandbox.cli.feed import feed
from sandbox.cli.flow import fault, room_for, score_all
from sandbox.cli.jobs import Job, read_jobs
from sandbox.cli.tally import ROWS, Tally
from sandbox.errors import JobError, SandboxError
from sandbox.v1 import job_pb2, verdict_pb2


class FakeScorer:
    """Answers when it is told to; remembers how many waited."""

    def __init__(self, room: int = 4, lose_after: int = 0) -> None:
        self.room = room
        self.lost: SandboxError | None = None
        self.most = 0
        self.seen = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._flying = 0
        self._lose_after = lose_after

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        self._flying += 1
        self.seen += 1
        self.most = max(self.most, self._flying)
        if self.seen == self._lose_after:
            self.lost = ServerError("gone")
        for _ in range(5):
            await asyncio.sleep(0)
        await self.may_answer.wait()
        self._flying -= 1
        if self.lost:
            return fault(request.id, "gone")
        answer = verdict_pb2.ScoreResponse(id=request.id)
        answer.verdict.passed, answer.verdict.reward, answer.verdict.status = True, 1.0, verdict_pb2.ACCEPTED
        return answer


def jobs(count: int, name: str = "") -> Iterator[Job]:
    text = "".join(f'{{"id": "{name or number}"}}\n' for number in range(count))
    return read_jobs(io.BytesIO(text.encode()))


async def run(scorer: FakeScorer, source: AsyncIterator[Job]) -> list[verdict_pb2.ScoreResponse]:
    answers: list[verdict_pb2.ScoreResponse] = []
    await score_all(source, scorer, lambda _, answer: answers.append(answer))
    return answers


async def test_never_more_jobs_are_in_flight_than_there_is_room() -> None:
    scorer = FakeScorer(room=4)
    answers = await run(scorer, feed(jobs(500)))
    assert len(answers) == 500
    assert scorer.most == 4


async def test_the_file_is_read_only_a_little_ahead_of_the_answers() -> None:
    read = 0
    furthest = 0

    def counted() -> Iterator[Job]:
        nonlocal read
        for job in jobs(2000):
            read += 1
            yield job

    scorer, answered = FakeScorer(room=4), 0

    def count(job: Job, answer: verdict_pb2.ScoreResponse) -> None:
        nonlocal answered, furthest
        answered += 1
        furthest = max(furthest, read - answered)

    await score_all(feed(counted()), scorer, count)
    assert answered == 2000
    assert furthest < 100


async def test_a_bad_line_is_answered_in_place_and_the_run_goes_on() -> None:
    source = read_jobs(io.BytesIO(b'{"id": "a"}\noops\n{"id": "b", "polcy": ""}\n{"id": "c"}\n'))
    answers = {answer.id: answer for answer in await run(FakeScorer(), feed(source))}
    assert {name: answer.WhichOneof("outcome") for name, answer in answers.items()} == {
        "a": "verdict",
        "line-2": "rejected",
        "b": "rejected",
        "c": "verdict",
    }
    assert answers["b"].rejected.field == "polcy"
    assert answers["b"].rejected.suggestion == "did you mean 'policy'?"


async def test_an_id_that_is_in_flight_is_rejected() -> None:
    scorer = FakeScorer(room=8)
    scorer.may_answer.clear()
    answers: list[verdict_pb2.ScoreResponse] = []

    def answered(_: Job, answer: verdict_pb2.ScoreResponse) -> None:
        answers.append(answer)
        if len(answers) == 2:
            scorer.may_answer.set()

    await score_all(feed(jobs(3, "same")), scorer, answered)
    assert [answer.WhichOneof("outcome") for answer in answers] == ["rejected", "rejected", "verdict"]
    assert answers[0].rejected.code == verdict_pb2.ALREADY_EXISTS


async def test_a_lost_scorer_ends_the_run_after_what_was_in_flight_is_answered() -> None:
    scorer = FakeScorer(room=4, lose_after=10)
    answers: list[verdict_pb2.ScoreResponse] = []
    with pytest.raises(ServerError):
        await score_all(feed(jobs(1000)), scorer, lambda _, answer: answers.append(answer))
    assert len(answers) == scorer.seen < 20
    assert answers[-1].WhichOneof("outcome") == "fault"


async def test_what_reading_raises_is_raised_where_jobs_are_taken() -> None:
    def broken() -> Iterator[Job]:
        yield Job(1, 1, "a", job_pb2.ScoreRequest(id="a"))
        raise OSError("the disk is gone")

    with pytest.raises(BaseExceptionGroup) as caught:
        await run(FakeScorer(), feed(broken()))
    assert caught.group_contains(OSError, match="the disk is gone")


def test_room_grows_with_the_cells_and_stays_in_the_hundreds() -> None:
    assert room_for(1) == 16
    assert room_for(64) < 1000


def answer(outcome: str, status: verdict_pb2.Status = verdict_pb2.WRONG_ANSWER) -> verdict_pb2.ScoreResponse:
    response = verdict_pb2.ScoreResponse(id="a")
    if outcome == "verdict":
        response.verdict.passed = status == verdict_pb2.ACCEPTED
        response.verdict.status = status
    elif outcome == "fault":
        response.fault.message = "broken"
    else:
        response.rejected.message = "bad"
    return response


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([answer("verdict", verdict_pb2.ACCEPTED)], Exit.ACCEPTED),
        ([answer("verdict", verdict_pb2.ACCEPTED), answer("verdict")], Exit.NOT_ACCEPTED),
        ([answer("verdict"), answer("rejected")], Exit.BAD),
        ([answer("verdict"), answer("rejected"), answer("fault")], Exit.FAULT),
    ],
)
def test_the_exit_code_is_the_highest_that_applies(answers: list[verdict_pb2.ScoreResponse], code: Exit) -> None:
    tally = Tally()
    for each in answers:
        tally.add(Job(1, 1, "a"), each)
    assert tally.exit is code


def test_a_very_long_run_shows_what_was_not_accepted() -> None:
    tally = Tally()
    for number in range(ROWS + 50):
        good = number % 100 != 0
        tally.add(Job(number, 1, "a"), answer("verdict", verdict_pb2.ACCEPTED if good else verdict_pb2.WRONG_ANSWER))
    assert [row.line for row in tally.rows()] == [0, 100, 200]
    assert "297 of 300 accepted; 3 not accepted" in tally.summary()


def test_a_fault_and_a_rejection_carry_no_reward() -> None:
    tally = Tally()
    tally.add(Job(1, 1, "a"), answer("fault"))
    tally.add(Job(2, 1, "b"), answer("rejected"))
    assert [row.reward for row in tally.rows()] == [None, None]
    assert "mean reward" not in tally.summary()
    assert "faults 50.0%" in tally.pace()


def test_a_job_error_keeps_its_code_in_the_answer() -> None:
    from sandbox.server.service import rejection

    error = JobError("tests_ref", "unknown", reject="NOT_FOUND")
    assert rejection("a", error).rejected.code == verdict_pb2.NOT_FOUND

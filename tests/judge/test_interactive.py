"""Who ended first, how, and what that makes of an interactive test; and that no end of a pipe is left open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sandbox.judge import interactive
from sandbox.judge.interactive import InteractiveCheck, Pipes, pipes
from sandbox.judge.judged import Judged
from sandbox.model import plan as plans
from sandbox.model.outcome import FaultError
from tests.judge.conversations import JUDGE_LIMITS, LIMITS, Meeting, Party, deciding, end

PLAN = plans.TestPlan("main", LIMITS, argv=("main",))

# The interactor ends first; then the candidate.
INTERACTOR_FIRST = [
    *[("exit 1", candidate, "WRONG_ANSWER") for candidate in ("exit 0", "exit 1", "signal 13", "cpu", "wall", "oom")],
    *[(code, "signal 13", "WRONG_ANSWER") for code in ("exit 2", "exit 4", "exit 8", "exit 213")],
    ("exit 1", "starved", "WRONG_ANSWER"),
    ("exit 0", "exit 0", "ACCEPTED"),
    ("exit 0", "exit 1", "RUNTIME_ERROR"),
    ("exit 0", "signal 13", "RUNTIME_ERROR"),
    ("exit 0", "wall", "TIME_LIMIT"),
    ("exit 0", "starved", "STARVED"),
    ("exit 3", "exit 0", "JUDGE"),
    ("exit 3", "signal 13", "JUDGE"),
    ("exit 215", "exit 0", "JUDGE"),
    ("signal 11", "signal 13", "JUDGE"),
    ("cpu", "exit 0", "TIME_LIMIT"),
    ("oom", "signal 13", "MEMORY_LIMIT"),
    ("starved", "exit 0", "STARVED"),
]
# The candidate ends first; then, when it can see that, the interactor.
CANDIDATE_FIRST = [
    *[("exit 1", then, "RUNTIME_ERROR") for then in ("exit 0", "exit 1", "exit 3", "exit 215", "signal 11", "starved")],
    ("signal 11", "exit 8", "RUNTIME_ERROR"),
    ("signal 31", "exit 1", "SECURITY_VIOLATION"),
    ("cpu", "exit 1", "TIME_LIMIT"),
    ("wall", "exit 1", "TIME_LIMIT"),
    ("wall", "cpu", "TIME_LIMIT"),
    ("oom", "exit 3", "MEMORY_LIMIT"),
    ("starved", "exit 1", "STARVED"),
    ("exit 0", "exit 0", "ACCEPTED"),
    ("exit 0", "exit 1", "WRONG_ANSWER"),
    ("exit 0", "exit 8", "WRONG_ANSWER"),
    ("exit 0", "exit 213", "WRONG_ANSWER"),
    ("exit 0", "exit 3", "JUDGE"),
    ("exit 0", "exit 215", "JUDGE"),
    ("exit 0", "signal 11", "JUDGE"),
    ("exit 0", "wall", "TIME_LIMIT"),
    ("exit 0", "oom", "MEMORY_LIMIT"),
    ("exit 0", "starved", "STARVED"),
]


def check(*, ignore_exit_code: bool = False) -> InteractiveCheck:
    return InteractiveCheck(PLAN, LIMITS, deciding("testlib"), b"7", b"", ignore_exit_code, JUDGE_LIMITS)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def begun(meeting: Meeting, test: InteractiveCheck) -> asyncio.Task[Judged]:
    """The test, at the point where both run."""
    task = asyncio.create_task(test.run(meeting))
    while not meeting.helper.plans:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def seen(task: asyncio.Task[Judged]) -> str:
    """The name of the stage, or of the kind of fault, that a test ended in."""
    try:
        return (await task).stage.name
    except FaultError as fault:
        return fault.kind


def is_at_end(party: Party) -> bool:
    """Whether reading its standard input would tell that the other side is gone."""
    assert party.streams is not None
    os.set_blocking(party.streams[0], False)
    try:
        return os.read(party.streams[0], 1) == b""
    except BlockingIOError:
        return False


@pytest.mark.parametrize(("first", "then", "result"), INTERACTOR_FIRST)
async def test_an_interactor_that_ends_first_has_the_first_word(first: str, then: str, result: str) -> None:
    before, meeting = open_files(), Meeting()
    task = await begun(meeting, check())
    assert not is_at_end(meeting.party)
    meeting.helper.finish(end(first))
    assert is_at_end(meeting.party)
    await asyncio.sleep(0)
    meeting.party.finish(end(then))
    assert await seen(task) == result
    assert open_files() == before


@pytest.mark.parametrize(("first", "then", "result"), CANDIDATE_FIRST)
async def test_a_candidate_that_ends_first_and_badly_is_judged_by_that(
    first: str, then: str, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactive, "_MOMENT_S", 0)
    before, meeting = open_files(), Meeting()
    task = await begun(meeting, check())
    meeting.party.finish(end(first))
    while not task.done() and not is_at_end(meeting.helper):
        await asyncio.sleep(0)
    if not task.done():
        meeting.helper.finish(end(then))
    assert await seen(task) == result
    assert open_files() == before


@pytest.mark.parametrize("candidate", ["exit 1", "signal 13", "cpu"])
async def test_a_rejection_that_is_known_a_moment_after_the_end_that_it_caused_still_counts(candidate: str) -> None:
    meeting = Meeting()
    task = await begun(meeting, check())
    meeting.party.finish(end(candidate))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not is_at_end(meeting.helper)
    meeting.helper.finish(end("exit 1"))
    assert await seen(task) == "WRONG_ANSWER"


async def test_an_interactor_does_not_choke_on_what_it_writes_to_a_candidate_that_has_left() -> None:
    meeting = Meeting()
    task = await begun(meeting, check())
    meeting.party.finish(end("exit 0"))
    assert meeting.helper.streams is not None
    out = meeting.helper.streams[1]
    os.set_blocking(out, False)
    written = 0
    while written < 1 << 20:
        try:
            written += os.write(out, b"x" * 4096)
        except BlockingIOError:
            await asyncio.sleep(0)
    meeting.helper.finish(end("exit 0"))
    assert await seen(task) == "ACCEPTED"


async def test_what_a_candidate_does_to_its_end_of_a_pipe_does_not_make_the_judge_wait() -> None:
    with pipes() as made:
        given = os.dup(made.of_candidate[0])
        theirs = os.dup(made.of_interactor[1])
        made.start()
        made.let_go()
        # Whatever the flags of this end are: what is read here is not there for the judge, which goes on.
        os.set_blocking(given, True)
        os.write(theirs, b"x")
        assert os.read(given, 1) == b"x"
        made._drain()
        os.close(given)
        os.close(theirs)


async def test_an_exit_code_is_ignored_where_the_job_says_so() -> None:
    meeting = Meeting()
    task = await begun(meeting, check(ignore_exit_code=True))
    meeting.party.finish(end("exit 3"))
    await asyncio.sleep(0)
    meeting.helper.finish(end("exit 0"))
    assert await seen(task) == "ACCEPTED"


async def test_a_test_that_is_cancelled_leaves_no_pipe() -> None:
    before, meeting = open_files(), Meeting()
    task = await begun(meeting, check())
    meeting.party.finish(end("exit 0"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert open_files() == before


async def test_the_interactor_gets_its_files_and_the_longer_clock() -> None:
    meeting = Meeting()
    task = await begun(meeting, check())
    (plan,) = meeting.helper.plans
    assert plan.argv == ("main", "input.txt", "/box/tmp/output.txt", "answer.txt")
    assert plan.limits.wall_time_ms > LIMITS.wall_time_ms + 1000
    assert meeting.helper.files == {"main.py": b"", "input.txt": b"7", "answer.txt": b""}
    assert meeting.party.files == {}
    meeting.helper.finish(end("exit 0"))
    meeting.party.finish(end("exit 0"))
    await task


def test_pipes_are_closed_with_their_block() -> None:
    before = open_files()
    with pipes() as made:
        assert isinstance(made, Pipes)
        assert open_files() == before + 5
        made.start()
        assert open_files() == before + 2
    assert open_files() == before

"""Places in the queue: calls are refused, streams wait in order, and every place that is taken is given back."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.server.admission import Admission
from tests.server.fakes import spin


def refused(admission: Admission, size: int = 1) -> JobError:
    with pytest.raises(JobError) as caught, admission.try_enter(size):
        raise AssertionError("there was a place")
    assert caught.value.reject == "RESOURCE_EXHAUSTED"
    assert caught.value.retry_after_ms > 0
    return caught.value


def test_a_place_is_taken_and_given_back():
    admission = Admission(jobs=1, max_bytes=100)
    with admission.try_enter(60):
        assert admission.flying == 1
        refused(admission)
    assert admission.flying == 0
    with admission.try_enter(60):
        pass


def test_a_place_is_given_back_when_the_job_fails():
    admission = Admission(jobs=1, max_bytes=100)
    with pytest.raises(ZeroDivisionError), admission.try_enter(1):
        raise ZeroDivisionError
    assert admission.flying == 0


def test_bytes_in_flight_are_bounded_and_one_job_always_fits():
    admission = Admission(jobs=10, max_bytes=100)
    with admission.try_enter(1000):
        refused(admission, 1)
    with admission.try_enter(60):
        refused(admission, 41)
        with admission.try_enter(40):
            refused(admission, 1)


def test_the_advice_grows_with_what_is_in_flight():
    small, large = Admission(jobs=1, max_bytes=1 << 30), Admission(jobs=5000, max_bytes=1 << 30)
    with small.try_enter(1):
        short = refused(small).retry_after_ms
    for _ in range(5000):
        large._take(1)
    assert short < refused(large).retry_after_ms <= 5000


async def test_streams_wait_their_turn_in_order_and_calls_do_not_pass_them():
    admission = Admission(jobs=1, max_bytes=100)
    await admission.enter(1)
    turns: list[int] = []

    async def wait(number: int) -> None:
        await admission.enter(1)
        turns.append(number)

    waiting = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    for number in range(3):
        refused(admission)
        admission.leave(1)
        await spin(lambda: len(turns) == number + 1)  # noqa: B023
    assert turns == [0, 1, 2]
    await asyncio.gather(*waiting)
    admission.leave(1)
    assert admission.flying == 0


async def two_that_wait() -> tuple[Admission, asyncio.Task[None], asyncio.Task[None]]:
    """A queue of one place, which is taken, and who waits for it."""
    admission = Admission(jobs=1, max_bytes=100)
    await admission.enter(1)
    first, second = (asyncio.create_task(admission.enter(1)) for _ in range(2))
    await asyncio.sleep(0)
    return admission, first, second


async def test_who_gives_up_waiting_keeps_no_place_and_blocks_nobody():
    admission, gone, stays = await two_that_wait()
    gone.cancel()
    await asyncio.sleep(0)
    admission.leave(1)
    await asyncio.wait_for(stays, 1)
    assert admission.flying == 1
    admission.leave(1)
    assert admission.flying == 0


async def test_who_gives_up_in_the_moment_of_the_turn_gives_the_place_on():
    admission, gone, stays = await two_that_wait()
    admission.leave(1)
    gone.cancel()
    await asyncio.wait_for(stays, 1)
    assert gone.cancelled()
    admission.leave(1)
    assert admission.flying == 0


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_whatever_happens_the_bounds_hold_and_all_places_come_back(data: st.DataObject):
    async def play() -> None:
        jobs, most = data.draw(st.integers(1, 4), "jobs"), data.draw(st.integers(1, 20), "bytes")
        admission = Admission(jobs, most)
        inside: list[int] = []
        waiting: list[asyncio.Task[None]] = []

        async def enter(size: int) -> None:
            await admission.enter(size)
            inside.append(size)

        for _ in range(data.draw(st.integers(0, 30), "steps")):
            what = data.draw(st.sampled_from(["enter", "leave", "cancel", "turn"]))
            if what == "enter":
                waiting.append(asyncio.create_task(enter(data.draw(st.integers(1, 25), "size"))))
            elif what == "leave" and inside:
                admission.leave(inside.pop(0))
            elif what == "cancel" and waiting:
                waiting.pop(data.draw(st.integers(0, len(waiting) - 1), "who")).cancel()
            else:
                await asyncio.sleep(0)
            assert admission.flying <= jobs
            assert admission.flying <= 1 or admission._bytes <= most
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)
        while inside:
            admission.leave(inside.pop())
        assert (admission.flying, admission._bytes) == (0, 0)
        with admission.try_enter(1):
            pass

    asyncio.run(play())

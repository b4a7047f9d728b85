"""Work that several wait for is done once, and ends with the last of them."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.flights import Flights
from tests.server.fakes import spin


class Work:
    """What is done once, and ends when the test says so."""

    def __init__(self) -> None:
        self.begun = self.cancelled = 0
        self.open = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.begun


async def test_those_who_come_meanwhile_get_what_the_first_one_began():
    flights, work = Flights[int](), Work()
    waiting = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
    await spin(lambda: work.begun == 1)
    work.open.set()
    assert await asyncio.gather(*waiting) == [(1, False), (1, True), (1, True)]


async def test_another_key_is_other_work_and_so_is_the_same_key_later():
    flights, work = Flights[int](), Work()
    work.open.set()
    assert [(await flights.join(key, work))[0] for key in ("one", "two", "one")] == [1, 2, 3]


async def test_work_goes_on_for_those_who_stay_and_ends_with_the_last():
    flights, work = Flights[int](), Work()
    first, second = (asyncio.create_task(flights.join("key", work)) for _ in range(2))
    await spin(lambda: work.begun == 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert work.cancelled == 0
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await spin(lambda: work.cancelled == 1)


async def test_who_comes_while_work_is_being_cancelled_begins_anew():
    flights, work = Flights[int](), Work()
    gone = asyncio.create_task(flights.join("key", work))
    await spin(lambda: work.begun == 1)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    work.open.set()
    assert await flights.join("key", work) == (2, False)


async def test_a_failure_is_everybodys():
    async def fail() -> int:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    flights = Flights[int]()
    found = await asyncio.gather(*(flights.join("key", fail) for _ in range(2)), return_exceptions=True)
    assert [type(each) for each in found] == [ZeroDivisionError] * 2
    with pytest.raises(ZeroDivisionError):
        await flights.join("key", fail)

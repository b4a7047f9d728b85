"""Runs a verb's coroutine so that every way to end it is clean: cells are gone before the process is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from sandbox.cli.exits import Stopped

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`; SIGTERM and SIGHUP cancel as Ctrl-C does, and then raise Stopped."""
    return asyncio.run(_stoppable(main))


async def _stoppable(main: Coroutine[Any, Any, T]) -> T:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            loop.add_signal_handler(number, stop, number)
    try:
        return await main
    except asyncio.CancelledError:
        if received:
            raise Stopped(received[0]) from None
        raise
    except BaseExceptionGroup as group:
        raise _first(group) from group


def _first(group: BaseExceptionGroup) -> BaseException:
    """The failure that ended a group of tasks; the rest were cancelled because of it."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first

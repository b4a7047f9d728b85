"""How many jobs, and how many bytes of them, may wait or run at one time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sandbox.errors import JobError

_RETRY_MS_PER_JOB = 2
_RETRY_MS = (50, 5000)


class Admission:
    """Unary calls are refused when the queue is full; streams wait for a place."""

    def __init__(self, jobs: int, max_bytes: int, otherwise: str = ", or use ScoreStream") -> None:
        self.jobs, self.max_bytes = jobs, max_bytes
        self._otherwise = otherwise
        self.flying, self._bytes = 0, 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextmanager
    def try_enter(self, size: int) -> Iterator[None]:
        """A place now, or a JobError that says when to come back."""
        if self._waiting or not self._fits(size):
            wait = min(max(_RETRY_MS[0], self.flying * _RETRY_MS_PER_JOB), _RETRY_MS[1])
            raise JobError(
                "",
                f"{self.flying} jobs of at most {self.jobs} are waiting or running",
                f"come back in {wait} ms{self._otherwise}",
                reject="RESOURCE_EXHAUSTED",
                retry_after_ms=wait,
            )
        self._take(size)
        try:
            yield
        finally:
            self._give_back(size)

    async def enter(self, size: int) -> None:
        """Waits for a place; `leave` gives it back."""
        if self._waiting or not self._fits(size):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((size, turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._give_back(size)
                raise
            return
        self._take(size)

    def leave(self, size: int) -> None:
        """Gives back a place that `enter` gave."""
        self._give_back(size)

    @asynccontextmanager
    async def place(self, size: int) -> AsyncIterator[None]:
        """A place for the length of the block."""
        await self.enter(size)
        try:
            yield
        finally:
            self.leave(size)

    def _fits(self, size: int) -> bool:
        # One job always fits, however large it is.
        return self.flying == 0 or (self.flying < self.jobs and self._bytes + size <= self.max_bytes)

    def _take(self, size: int) -> None:
        self.flying += 1
        self._bytes += size

    def _give_back(self, size: int) -> None:
        self.flying -= 1
        self._bytes -= size
        while self._waiting:
            size, turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
            elif self._fits(size):
                self._waiting.popleft()
                self._take(size)
                turn.set_result(None)
            else:
                return

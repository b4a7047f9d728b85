"""From a socket that listens in a jail to the Unix socket of a PostgreSQL server, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import socket

_CHUNK = 1 << 16
# Of one action; the branch's role has a limit of its own.
_CONNECTIONS = 16


class Relay:
    """Passes bytes both ways, as they come. Used from one event loop."""

    def __init__(self, listener: socket.socket, target: str) -> None:
        self._listener, self._target = listener, target
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Serves the listener, which it owns from now on."""
        self._server = await asyncio.start_server(self._serve, sock=self._listener)

    async def stop(self) -> None:
        """Ends every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with self._places:
                there, back = await asyncio.open_unix_connection(self._target)
                try:
                    await asyncio.gather(_pump(reader, back), _pump(there, writer))
                finally:
                    back.close()
        except OSError:
            pass  # one of them hung up: so does the other
        finally:
            self._tasks.discard(task)
            writer.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        sink.write(data)
        await sink.drain()
    with contextlib.suppress(OSError):
        sink.write_eof()

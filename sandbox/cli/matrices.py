"""Where matrices are filled: in this process, or on a running server. Both look the same from here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sandbox.cli.exits import ServerError, UsageError
from sandbox.cli.verb import settings_given
from sandbox.errors import JobError, SandboxError
from sandbox.v1 import matrix_pb2

if TYPE_CHECKING:
    from sandbox.settings import Settings

# Raises JobError for a bad request, and SandboxError where nothing can be asked any more.
Ask: TypeAlias = Callable[[matrix_pb2.MatrixRequest], Awaitable[matrix_pb2.MatrixResponse]]


def open_matrices(server: str | None, cells: int | None, home: Path | None) -> AbstractAsyncContextManager[Ask]:
    """As the options ask for it; nothing is started before it is entered. Raises UsageError."""
    if server is not None:
        if cells or home:
            raise UsageError("--cells and --home are the server's own", fix="give them to `sandbox serve`")
        return _remote(server)
    from sandbox.settings import Settings

    return _here(Settings(**settings_given(cells=cells, home=home)))


@asynccontextmanager
async def _here(settings: Settings) -> AsyncIterator[Ask]:
    from sandbox.cli.embedded import proven
    from sandbox.matrix import fill

    async with proven(settings) as pipeline:

        async def ask(request: matrix_pb2.MatrixRequest) -> matrix_pb2.MatrixResponse:
            return await fill(request, pipeline, settings)

        yield ask


@asynccontextmanager
async def _remote(server: str) -> AsyncIterator[Ask]:
    from sandbox.client.aio import AsyncClient

    # Whoever waits for a long selection waits; Ctrl-C ends it, here and there.
    async with AsyncClient(server, timeout=None, patience=2.0) as client:

        async def ask(request: matrix_pb2.MatrixRequest) -> matrix_pb2.MatrixResponse:
            try:
                return await client.matrix(request)
            except JobError:
                raise
            except SandboxError as error:
                fix = error.fix or f"sandbox serve --listen {server}"
                raise ServerError(error.subject, why=error.why, fix=fix) from error

        yield ask

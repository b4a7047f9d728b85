"""What went wrong, as gRPC statuses. The message that says it exactly goes along in the trailing metadata."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import grpc
from grpc import aio

from sandbox.answer import rejection
from sandbox.effects.blobs import SpoiltError
from sandbox.errors import ConfigError, JobError, SandboxError, SetupError
from sandbox.journal.canonical import RecordError
from sandbox.journal.journal import LostError, TamperedError
from sandbox.journal.note import NoteError
from sandbox.journal.store import StoreError
from sandbox.model.outcome import FaultError, StarvedFault
from sandbox.v1 import verdict_pb2

Context: TypeAlias = aio.ServicerContext[Any, Any]
# Of these no request is to blame.
_OURS = (SetupError, ConfigError, StoreError, TamperedError, LostError, RecordError, NoteError, SpoiltError)
_Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]


async def abort(context: Context, error: JobError) -> None:
    """Ends a call for a bad request: the status is named after the rejection, and `sandbox-rejected-bin` carries it."""
    metadata: _Metadata = (("sandbox-rejected-bin", rejection("", error).rejected.SerializeToString()),)
    if error.retry_after_ms:
        metadata += (("retry-after-ms", str(error.retry_after_ms)),)
    text = f"{error.field}: {error.message}" if error.field else error.message
    details = f"{text} ({error.suggestion})" if error.suggestion else text
    await _end(context, getattr(grpc.StatusCode, error.reject), details, metadata)


async def abort_for_fault(context: Context, error: FaultError) -> None:
    """Ends a call for a failure of ours; `sandbox-fault-bin` carries its kind. UNAVAILABLE: it may pass by itself."""
    code = grpc.StatusCode.UNAVAILABLE if isinstance(error, StarvedFault) else grpc.StatusCode.INTERNAL
    # A status line has to be text, and what failed may quote anything.
    message = str(error)[:2000].encode("utf-8", "replace").decode()
    fault = verdict_pb2.Fault(kind=getattr(verdict_pb2, error.kind), message=message)
    await _end(context, code, f"{error.kind}: {message}", (("sandbox-fault-bin", fault.SerializeToString()),))


def as_known(error: SandboxError) -> JobError | FaultError:
    """Any expected failure as one of the two that have a status."""
    if isinstance(error, JobError):
        return error
    text = f"{error.subject}: {error.why}" if error.why else error.subject
    if isinstance(error, _OURS):
        return FaultError(text)
    return JobError("", text, error.fix, reject="FAILED_PRECONDITION")


@asynccontextmanager
async def time_of(timeout_ms: int) -> AsyncIterator[None]:
    """Ends the block, and raises JobError, when a request's own time is over. 0: it has none."""
    if not timeout_ms:
        yield
        return
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            yield
    except TimeoutError:
        raise JobError(
            "timeout_ms", f"{timeout_ms} ms are over", "allow more time", reject="DEADLINE_EXCEEDED"
        ) from None


async def _end(context: Context, code: grpc.StatusCode, details: str, metadata: _Metadata) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await context.abort(code, details, metadata)

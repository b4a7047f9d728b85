"""What a call that went wrong says about the job and about the server.

    status of a unary call                        meaning
    INVALID_ARGUMENT, NOT_FOUND, …                the job is bad: `rejected`, as a stream would answer it
    RESOURCE_EXHAUSTED                            the queue is full: later; or the message is too large: `rejected`
    DEADLINE_EXCEEDED                             nothing was scored in time: a fault
    UNAVAILABLE, CANCELLED (not by us)            the server is going or gone: again, there or elsewhere
    UNAUTHENTICATED, PERMISSION_DENIED, …         the set-up is wrong: SandboxError
    the rest                                      the server failed at this job: a fault

A stream ends only through the server or the network; whatever its status, the unanswered jobs are sent again. Sending
again is safe: scoring changes nothing.
"""

from __future__ import annotations

import grpc
from google.protobuf.message import DecodeError

from sandbox.errors import SandboxError
from sandbox.v1 import verdict_pb2

_BAD_JOB = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
_SERVER_GONE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
_SET_UP = {
    grpc.StatusCode.UNAUTHENTICATED: "give the client the server's token",
    grpc.StatusCode.PERMISSION_DENIED: "give the client a token that may do this",
    grpc.StatusCode.UNIMPLEMENTED: "check that the address is that of a reward server of this version",
}
_BUSY_MS = 100


class ServerFailed(Exception):
    """The server is gone, or going; the job is as it was."""


class ServerBusy(Exception):
    """The server's queue is full."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(f"its queue is full for another {retry_after_ms} ms")
        self.seconds = retry_after_ms / 1000


class JobFailed(Exception):
    """The server failed at this one job."""


def rejected_in(error: grpc.aio.AioRpcError) -> verdict_pb2.Rejected:
    """The rejection that a failed unary call carries. Raises one of the above, or SandboxError."""
    metadata = dict(error.trailing_metadata() or ())
    sent = metadata.get("sandbox-rejected-bin")
    if isinstance(sent, bytes):
        try:
            return verdict_pb2.Rejected.FromString(sent)
        except DecodeError:
            pass  # then the status alone has to do
    raise_unless_job(error)
    code, message = error.code(), reason(error)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        if "larger than max" in message:
            return verdict_pb2.Rejected(
                code=verdict_pb2.INVALID_ARGUMENT, message=message, suggestion="send its tests once, with `with_suite`"
            )
        wait = str(metadata.get("retry-after-ms", ""))
        raise ServerBusy(int(wait) if wait.isdecimal() else _BUSY_MS)
    if code in _BAD_JOB:
        return verdict_pb2.Rejected(code=code.name, message=message)
    raise JobFailed(f"{code.name}: {message}")


def raise_unless_job(error: grpc.aio.AioRpcError) -> None:
    """Raises what is not about one job: ServerFailed, or SandboxError where no server would do."""
    code = error.code()
    if code in _SERVER_GONE:
        raise ServerFailed(reason(error)) from error
    if code in _SET_UP:
        raise SandboxError(f"the server refuses: {code.name}", why=reason(error), fix=_SET_UP[code]) from error


def check(answer: verdict_pb2.ScoreResponse) -> None:
    """Raises ServerBusy or ServerFailed for a rejection that is not about the job; we cancelled nothing here."""
    if answer.WhichOneof("outcome") != "rejected":
        return
    rejected = answer.rejected
    if rejected.code == verdict_pb2.RESOURCE_EXHAUSTED:
        raise ServerBusy(rejected.retry_after_ms or _BUSY_MS)
    if rejected.code in (verdict_pb2.UNAVAILABLE, verdict_pb2.CANCELLED):
        raise ServerFailed(rejected.message)


def reason(error: grpc.aio.AioRpcError) -> str:
    """One line from the details of a status."""
    details = (error.details() or error.code().name).rpartition("last error: ")[2]
    return " ".join(details.split())[:500]

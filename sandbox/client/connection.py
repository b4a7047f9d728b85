"""One channel to one server, opened when it is first used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING

import grpc

from sandbox.client import forks
from sandbox.client.errors import Closed
from sandbox.client.outcome import rejection_of
from sandbox.client.settings import Settings
from sandbox.client.suites import chunks
from sandbox.client.wire import check, rejected_in
from sandbox.v1 import action_pb2_grpc, job_pb2, matrix_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2

if TYPE_CHECKING:
    from sandbox.v1.action_pb2_grpc import ActionServiceAsyncStub
    from sandbox.v1.reward_pb2_grpc import RewardServiceAsyncStub

    Stream = grpc.aio.StreamStreamCall[reward_pb2.StreamRequest, verdict_pb2.ScoreResponse]

_LOCAL = ("127.", "localhost:", "[::1]:", "unix:")
_OPTIONS: Mapping[str, int] = {
    # How long one attempt to connect may take, and how long the channel waits between two.
    "grpc.min_reconnect_backoff_ms": 5_000,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1_000,
    # A machine that vanished is noticed. More often than every five minutes, servers as they are by default hang up.
    "grpc.keepalive_time_ms": 330_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.http2.max_pings_without_data": 0,
}


class Connection:
    """Calls of one server, on the event loop on which the first was made."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.address = address
        self._settings = settings
        self.metadata = (("authorization", f"Bearer {settings.token}"),) if settings.token else ()
        self._channel: grpc.aio.Channel | None = None
        self.closed = False
        self._uploads: dict[str, asyncio.Task[object]] = {}
        self._uploaded_at: dict[str, float] = {}

    async def score(self, request: job_pb2.ScoreRequest, seconds: float | None) -> verdict_pb2.ScoreResponse:
        """One job; a rejection is an answer here as on a stream. Raises what `sandbox.client.wire` names."""
        try:
            return await self._stub.Score(request, timeout=seconds, metadata=self.metadata)
        except grpc.aio.AioRpcError as error:
            return verdict_pb2.ScoreResponse(id=request.id, rejected=rejected_in(error))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self.closed and task is not None and not task.cancelling():
                raise Closed from None
            raise

    def stream(self, requests: AsyncIterator[reward_pb2.StreamRequest]) -> Stream:
        """A stream that sends `requests` as they come."""
        return self._stub.ScoreStream(requests, metadata=self.metadata)

    async def put_suite(self, data: bytes) -> reward_pb2.PutSuiteResponse:
        """Sends a serialised suite."""
        with _refusals():
            return await self._stub.PutSuite(chunks(data), metadata=self.metadata)

    async def put_suite_once(self, ref: str, data: bytes, asked_at: float) -> None:
        """Sends a suite that the server did not have at a time of the event loop; many may ask for one sending."""
        if self._uploaded_at.get(ref, asked_at) > asked_at:
            return
        upload = self._uploads.get(ref)
        if upload is None:
            upload = self._uploads[ref] = asyncio.create_task(self.put_suite(data))
            upload.add_done_callback(lambda done: self._uploaded(ref, done))
        await asyncio.shield(upload)

    async def matrix(self, request: matrix_pb2.MatrixRequest, seconds: float | None) -> matrix_pb2.MatrixResponse:
        """Programs times tests. Raises Rejected for a bad request."""
        with _refusals():
            return await self._stub.Matrix(request, timeout=seconds, metadata=self.metadata)

    async def describe(self) -> reward_pb2.DescribeResponse:
        """What the server offers."""
        with _refusals():
            return await self._stub.Describe(reward_pb2.DescribeRequest(), metadata=self.metadata)

    def connected(self) -> bool:
        """Whether the server can be reached; asking makes the channel try."""
        return self._open().get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY

    async def close(self) -> None:
        """Ends what is in flight and hangs up."""
        self.closed = True
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    def _uploaded(self, ref: str, upload: asyncio.Task[object]) -> None:
        del self._uploads[ref]
        # An exception is for those who wait; there may be nobody left.
        if not upload.cancelled() and upload.exception() is None:
            self._uploaded_at[ref] = asyncio.get_running_loop().time()

    @property
    def actions(self) -> ActionServiceAsyncStub:
        """The calls of ActionService; each wants `metadata`."""
        return action_pb2_grpc.ActionServiceStub(self._open())

    @property
    def _stub(self) -> RewardServiceAsyncStub:
        return reward_pb2_grpc.RewardServiceStub(self._open())

    def _open(self) -> grpc.aio.Channel:
        if self.closed:
            raise Closed
        if self._channel is None:
            self._channel = forks.opened(self._new_channel())
        return self._channel

    def _new_channel(self) -> grpc.aio.Channel:
        size = self._settings.max_message_bytes
        options = {"grpc.max_send_message_length": size, "grpc.max_receive_message_length": size, **_OPTIONS}
        if self.address.startswith(_LOCAL):
            options["grpc.enable_http_proxy"] = 0
        tls = self._settings.tls
        if tls is False:
            return grpc.aio.insecure_channel(self.address, tuple(options.items()))
        credentials = grpc.ssl_channel_credentials(tls if isinstance(tls, bytes) else None)
        return grpc.aio.secure_channel(self.address, credentials, tuple(options.items()))


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """A refusal as an exception, for calls that have no answer to put it in."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        rejected = rejected_in(error)
        check(verdict_pb2.ScoreResponse(rejected=rejected))
        raise rejection_of(rejected) from None

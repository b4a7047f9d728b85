"""A real gRPC server whose answers a test writes."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import grpc

from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2

Script = Callable[[job_pb2.ScoreRequest], Awaitable[verdict_pb2.ScoreResponse]]


class Refusal(Exception):
    """Makes a unary call end with a status; on a stream, `rejected` is the answer."""

    def __init__(self, rejected: verdict_pb2.Rejected) -> None:
        super().__init__(rejected.message)
        self.rejected = rejected


def refusal(code: str, **fields: object) -> Refusal:
    return Refusal(verdict_pb2.Rejected(code=code, **fields))


def verdict(request: job_pb2.ScoreRequest, reward: float = 1.0) -> verdict_pb2.ScoreResponse:
    return verdict_pb2.ScoreResponse(id=request.id, verdict=verdict_pb2.Verdict(passed=reward == 1.0, reward=reward))


def fault(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
    return verdict_pb2.ScoreResponse(id=request.id, fault=verdict_pb2.Fault(kind=verdict_pb2.JAIL, message="no jail"))


def reward_in(request: job_pb2.ScoreRequest) -> float:
    """The tests' programs are numbers: the rewards that they are to get."""
    return float(request.program.source)


async def as_told(request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
    return verdict(request, reward_in(request))


class Scripted(reward_pb2_grpc.RewardServiceServicer):
    """Answers as `script` says, keeps suites, and remembers what it was asked."""

    def __init__(self, script: Script = as_told) -> None:
        self.script = script
        self.asked: list[job_pb2.ScoreRequest] = []
        self.by_call: list[job_pb2.ScoreRequest] = []
        self.matrices: list[matrix_pb2.MatrixRequest] = []
        self.cancelled: list[str] = []
        self.suites: dict[str, reward_pb2.Suite] = {}
        self.uploads = 0
        self.streams = 0
        self.metadata: list[dict[str, str]] = []
        self.in_flight = self.most_in_flight = 0
        # Set when the server has as many jobs in flight as a test wants to see.
        self.full = asyncio.Event()
        self.full_at = 0

    async def Score(self, request, context):
        self.by_call.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        try:
            return await self._answer(request)
        except Refusal as refusal:
            rejected = refusal.rejected
            metadata = [("sandbox-rejected-bin", rejected.SerializeToString())]
            if rejected.retry_after_ms:
                metadata.append(("retry-after-ms", str(rejected.retry_after_ms)))
            code = grpc.StatusCode[verdict_pb2.RejectCode.Name(rejected.code)]
            await context.abort(code, rejected.message, tuple(metadata))

    async def ScoreStream(self, requests, context):
        self.streams += 1
        answers: asyncio.Queue = asyncio.Queue()
        tasks = {}

        async def one(request):
            try:
                answers.put_nowait(await self._answer(request))
            except Refusal as refusal:
                answers.put_nowait(verdict_pb2.ScoreResponse(id=request.id, rejected=refusal.rejected))

        async def read():
            async for request in requests:
                if request.HasField("cancel"):
                    self.cancelled.append(request.cancel.id)
                    tasks[request.cancel.id].cancel()
                else:
                    tasks[request.score.id] = asyncio.create_task(one(request.score))
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            answers.put_nowait(None)

        reader = asyncio.create_task(read())
        try:
            while (answer := await answers.get()) is not None:
                if isinstance(answer, Exception):
                    raise answer
                yield answer
        finally:
            for task in [reader, *tasks.values()]:
                task.cancel()

    async def PutSuite(self, requests, context):
        data = b"".join([request.chunk async for request in requests])
        self.uploads += 1
        ref = ref_of(data)
        self.suites[ref] = reward_pb2.Suite.FromString(data)
        return reward_pb2.PutSuiteResponse(ref=ref, tests=len(self.suites[ref].tests))

    async def Matrix(self, request, context):
        self.matrices.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        return matrix_pb2.MatrixResponse(id=request.id)

    async def Describe(self, request, context):
        return reward_pb2.DescribeResponse(version="scripted")

    async def _answer(self, request):
        self.asked.append(request)
        if request.tests_ref and request.tests_ref not in self.suites:
            raise refusal("NOT_FOUND", field="tests_ref", message="no such suite")
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if self.full_at and self.in_flight >= self.full_at:
            self.full.set()
        try:
            return await self.script(request)
        finally:
            self.in_flight -= 1


def ref_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Running:
    """A scripted server on some event loop; it can be ended and started again at the same address."""

    def __init__(self, service: Scripted, address: str, options=()) -> None:
        self.service, self.address = service, address
        self._options = [("grpc.so_reuseport", 0), *options]
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        self._server = grpc.aio.server(options=self._options)
        reward_pb2_grpc.add_RewardServiceServicer_to_server(self.service, self._server)
        self._server.add_insecure_port(self.address)
        await self._server.start()

    async def kill(self) -> None:
        """Breaks every call; nobody listens any more."""
        assert self._server is not None
        await self._server.stop(None)


@asynccontextmanager
async def running(service: Scripted, address: str, options=()) -> AsyncIterator[Running]:
    server = Running(service, address, options)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@contextmanager
def running_aside(make: Callable[[], Scripted], address: str) -> Iterator[Running]:
    """The same on a thread of its own, for tests of the synchronous client."""
    started: list[Running] = []
    ready, end = threading.Event(), []

    async def serve() -> None:
        stop = asyncio.Event()
        end.extend([asyncio.get_running_loop(), stop])
        async with running(make(), address) as server:
            started.append(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield started[0]
    finally:
        loop, stop = end
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@contextmanager
def running_apart(address: str) -> Iterator[str]:
    """A server in a process of its own, for tests that fork: no gRPC of ours is in the process but the client's."""
    command = [sys.executable, "-m", "tests.client.scripted", address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield address
        finally:
            process.kill()


async def _serve(address: str) -> None:
    async with running(Scripted(), address):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))

"""Suites that were sent once and are named by their content: bounded by bytes, least recently used first to go."""

from __future__ import annotations

import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from sandbox.errors import JobError
from sandbox.v1 import job_pb2, reward_pb2


@dataclass(slots=True)
class _Stored:
    suite: reward_pb2.Suite
    size: int
    pins: int = 0


class SuiteStore:
    """Suites by hash. One that is in use is never dropped."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._suites: OrderedDict[str, _Stored] = OrderedDict()
        self._total = 0

    def put(self, data: bytes) -> tuple[str, int]:
        """Keeps a serialised Suite; returns its ref and how many tests it has. Raises JobError."""
        if len(data) > self.max_bytes:
            raise JobError(
                "chunk",
                f"the suite has {len(data)} bytes, the store holds {self.max_bytes}",
                "split it, or raise the store",
            )
        ref = "sha256:" + hashlib.sha256(data).hexdigest()
        stored = self._suites.get(ref)
        if stored is None:
            stored = _Stored(_parse(data), len(data))
            self._suites[ref] = stored
            self._total += stored.size
        self._suites.move_to_end(ref)
        self._shrink()
        if ref not in self._suites:
            raise JobError(
                "chunk",
                "the suites in use fill the store",
                "come back when jobs have ended",
                reject="RESOURCE_EXHAUSTED",
            )
        return ref, len(stored.suite.tests)

    @contextlib.contextmanager
    def tests(self, request: job_pb2.ScoreRequest) -> Iterator[Sequence[job_pb2.Test]]:
        """The tests of a request, pinned while they are in use. Raises JobError (NOT_FOUND for an unknown ref)."""
        if not request.tests_ref:
            yield request.tests
            return
        if request.tests:
            raise JobError("tests_ref", "is given beside tests", "give one of them")
        stored = self._suites.get(request.tests_ref)
        if stored is None:
            raise JobError(
                "tests_ref", f"no suite {request.tests_ref[:80]!r} here", "send it with PutSuite", reject="NOT_FOUND"
            )
        self._suites.move_to_end(request.tests_ref)
        stored.pins += 1
        try:
            yield stored.suite.tests
        finally:
            stored.pins -= 1
            self._shrink()

    def _shrink(self) -> None:
        for ref in [*self._suites]:
            if self._total <= self.max_bytes:
                return
            if not self._suites[ref].pins:
                self._total -= self._suites.pop(ref).size


def _parse(data: bytes) -> reward_pb2.Suite:
    suite = reward_pb2.Suite()
    try:
        suite.ParseFromString(data)
    except DecodeError as error:
        raise JobError("chunk", "the bytes are not a serialised Suite", "send Suite.SerializeToString()") from error
    if not suite.tests:
        raise JobError("chunk", "the suite has no tests")
    return suite

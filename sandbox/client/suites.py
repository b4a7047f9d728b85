"""Suites that are sent once and named by their hash; their bytes stay here, for servers that do not have them (yet)."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from sandbox.v1 import job_pb2, reward_pb2

_KEPT_BYTES = 1 << 30
_CHUNK = 1 << 20


class SuiteBook:
    """The suites that this client named, least recently used first to go. Safe to use from many threads."""

    def __init__(self, max_bytes: int = _KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._suites: OrderedDict[str, bytes] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def add(self, tests: Iterable[job_pb2.Test]) -> str:
        """Keeps a suite; returns the ref under which every server will know it."""
        data = reward_pb2.Suite(tests=tests).SerializeToString(deterministic=True)
        ref = "sha256:" + hashlib.sha256(data).hexdigest()
        with self._lock:
            if ref not in self._suites:
                self._suites[ref] = data
                self._total += len(data)
            self._suites.move_to_end(ref)
            while self._total > self._max_bytes and len(self._suites) > 1:
                self._total -= len(self._suites.popitem(last=False)[1])
        return ref

    def get(self, ref: str) -> bytes | None:
        """The serialised suite, if this client named it and still has it."""
        with self._lock:
            data = self._suites.get(ref)
            if data is not None:
                self._suites.move_to_end(ref)
            return data

    def tests(self, request: job_pb2.ScoreRequest) -> Iterable[job_pb2.Test] | None:
        """The tests of a request, or of the suite that it names; None for a suite that is not known here."""
        if not request.tests_ref:
            return request.tests
        data = self.get(request.tests_ref)
        return None if data is None else reward_pb2.Suite.FromString(data).tests


def chunks(data: bytes) -> Iterator[reward_pb2.PutSuiteRequest]:
    """A serialised suite in pieces that fit into messages."""
    for start in range(0, len(data), _CHUNK):
        yield reward_pb2.PutSuiteRequest(chunk=data[start : start + _CHUNK])

"""A busy machine makes no verdict: the corpus ends in the same statuses beside four busy processes for each core."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.programs.corpus import Case, all_cases

pytestmark = [pytest.mark.campaign, pytest.mark.jail]
_A_CORE = 4


def _cases() -> list[Case]:
    """Cases that have one right status, evenly thinned to LOAD_SAMPLE of them."""
    cases = [case for case in all_cases() if len(case.expect.status) == 1 and not case.slow]
    wanted = int(os.environ.get("LOAD_SAMPLE", "0")) or len(cases)
    return cases[:: max(1, len(cases) // wanted)]


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """Processes that take all the CPU that they get, and end with this block or with this process."""
    code = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6): pass"
    hogs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(_A_CORE * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _statuses(stub: reward_pb2_grpc.RewardServiceStub, cases: list[Case]) -> dict[str, str]:
    def requests() -> Iterator[reward_pb2.StreamRequest]:
        for case in cases:
            job = job_pb2.ScoreRequest()
            job.CopyFrom(case.request)
            job.id = case.name
            yield reward_pb2.StreamRequest(score=job)

    return {
        answer.id: verdict_pb2.Status.Name(answer.verdict.status)
        if answer.WhichOneof("outcome") == "verdict"
        else str(answer)
        for answer in stub.ScoreStream(requests())
    }


def test_load_changes_no_verdict(rewards: reward_pb2_grpc.RewardServiceStub) -> None:
    cases = _cases()
    alone = _statuses(rewards, cases)
    with _busy():
        loaded = _statuses(rewards, cases)
    print(f"\n{len(cases)} cases, {sum(alone[name] != loaded[name] for name in alone)} differ")
    assert loaded == alone
    assert alone == {case.name: next(iter(case.expect.status)) for case in cases}

"""Every program of the corpus gets its verdict from a real server."""

from __future__ import annotations

import pytest

from sandbox.v1 import job_pb2, reward_pb2, reward_pb2_grpc
from tests.programs.corpus import Case, all_cases, mismatches

pytestmark = pytest.mark.jail


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_a_program_of_the_corpus_gets_its_verdict(case: Case, rewards: reward_pb2_grpc.RewardServiceStub) -> None:
    request = job_pb2.ScoreRequest()
    request.CopyFrom(case.request)
    request.feedback = job_pb2.ALL
    (answer,) = rewards.ScoreStream(iter([reward_pb2.StreamRequest(score=request)]))
    assert mismatches(case, answer) == []

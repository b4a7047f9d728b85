"""No attack is paid, none ends in a fault, and none leaves anything behind for whoever comes next."""

from __future__ import annotations

import pytest

from sandbox.v1 import job_pb2, verdict_pb2
from tests.attacks.attack import Attack, all_attacks, all_honest
from tests.attacks.scoreboard import BOARD
from tests.attacks.target import Target
from tests.programs.corpus import Case, mismatches

pytestmark = [pytest.mark.jail, pytest.mark.attack]


def request_of(case: Case) -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest()
    request.CopyFrom(case.request)
    request.feedback = job_pb2.ALL
    return request


def is_not_offered(answer: verdict_pb2.ScoreResponse) -> bool:
    """Whether the job was refused for a kind of test that this server does not have."""
    return answer.WhichOneof("outcome") == "rejected" and answer.rejected.code == verdict_pb2.FAILED_PRECONDITION


@pytest.mark.parametrize("attack", all_attacks(), ids=lambda attack: attack.name)
def test_an_attack_is_not_paid_and_leaves_nothing_behind(attack: Attack, target: Target) -> None:
    request = request_of(attack.case)
    target.settle(request)
    first, before, cells = target.resident, target.holds(), target.cells()
    assert first
    answer = target.score(request)
    BOARD.here(attack, answer)
    if attack.pending and is_not_offered(answer):
        pytest.skip(f"this server has no {attack.pending} tests yet")
    assert mismatches(attack.case, answer) == []
    assert answer.verdict.reward <= attack.highest
    target.honest_is_paid_and_wrong_is_not(request)
    target.is_back_at(before)
    assert target.cells() == cells


@pytest.mark.parametrize("case", all_honest(), ids=lambda case: case.name)
def test_an_honest_program_that_looks_suspicious_is_accepted(case: Case, target: Target) -> None:
    answer = target.score(request_of(case))
    assert mismatches(case, answer) == []
    assert answer.verdict.status == verdict_pb2.ACCEPTED

"""Every installed language runs, fails, loops, eats memory and exits as it says, on a real server."""

from __future__ import annotations

import pytest

from sandbox.datafiles import folder
from sandbox.v1 import reward_pb2_grpc, verdict_pb2
from tests.languages.cases import KINDS, Case, cases, languages

Stub = reward_pb2_grpc.RewardServiceStub


def test_every_shipped_runtime_has_every_case() -> None:
    assert languages() == sorted(file.stem for file in folder("runtimes").glob("*.toml"))
    for language in languages():
        assert [case.kind for case in cases(language)] == [*KINDS], language


@pytest.mark.languages
@pytest.mark.parametrize(
    "case", [case for name in languages() for case in cases(name)], ids=lambda case: f"{case.language}-{case.kind}"
)
def test_a_program_gets_its_status(case: Case, offered: list[str], polyglot: Stub) -> None:
    if case.language not in offered:
        pytest.skip(f"{case.language} is not installed: sandbox runtimes install {case.language}")
    answer = polyglot.Score(case.request)
    assert answer.HasField("verdict"), answer
    verdict = answer.verdict
    assert verdict_pb2.Status.Name(verdict.status) == case.status, answer
    if case.exit_code is not None:
        assert verdict.tests[0].exit_code == case.exit_code
    if case.kind in ("right", "wrong"):
        assert [*verdict.integrity.alarms] == []


@pytest.mark.languages
def test_what_is_installed_proves_itself(offered: list[str], polyglot: Stub) -> None:
    from sandbox.v1 import reward_pb2

    told = {each.name: each for each in polyglot.Describe(reward_pb2.DescribeRequest()).runtimes}
    assert {name: told[name].why for name in offered if not told[name].available} == {}
    assert all(told[name].version for name in offered)

r"""Each limit is reached on a real server, and what the program saw is what docs/policies.md says.

A case is a file, `limits/NAME.toml`; it is a policy of that name, too, which extends `default` by one value:

    why = "one sentence"
    table = "limits"             # or build_limits, judge_limits
    key = "processes"
    value = 8
    language = "c"
    program = "..."              # one that reaches the limit, or just does not
    checker = "..."              # of judge_limits: a Python function that does
    [expect]
    status = "ACCEPTED"          # of the verdict, or FAULT
    stdout = "EAGAIN 7\n"        # the whole of it: the errno that the program saw
    signal = 9
    detail = "..."               # is part of the test's detail
    build = "..."                # is part of the compiler's messages
    fault = "..."                # is part of the fault's message
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from sandbox.policies import load_policies
from sandbox.policies.values import described
from sandbox.v1 import job_pb2, reward_pb2_grpc, verdict_pb2
from tests.policies.written import copied
from tests.serving import serving

Stub = reward_pb2_grpc.RewardServiceStub
CASES = {
    file.stem: tomllib.loads(file.read_text()) for file in sorted((Path(__file__).parent / "limits").glob("*.toml"))
}
# What is compiled cannot make a compiler wait, and a compiler closes what it includes: no program reaches these.
NOT_SHOWN = {"build_limits.wall_time_ms", "build_limits.open_files"}


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policies, and one for each case."""
    path = copied(tmp_path_factory.mktemp("limits"))
    for name, case in CASES.items():
        head = f'name = "{name}"\ndescription = "{case["key"]}"\nextends = "default"\n'
        (path / f"{name}.toml").write_text(f"{head}[{case['table']}]\n{case['key']} = {case['value']}\n")
    return path


@pytest.fixture(scope="module")
def limited(policies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    home = str(tmp_path_factory.mktemp("home"))
    with serving(home, cells=1, policies=str(policies)) as running, grpc.insecure_channel(running.address) as channel:
        yield Stub(channel)


def request(name: str, case: dict[str, Any]) -> job_pb2.ScoreRequest:
    program = job_pb2.Program(language=case["language"], source=case["program"])
    job = job_pb2.ScoreRequest(id=name, program=program, policy=name, feedback=job_pb2.ALL)
    if "checker" in case:
        judge = job_pb2.Program(language="python", source=case["checker"])
        job.tests.add(checker=job_pb2.CheckerTest(program=judge, protocol="python"))
    else:
        job.tests.add(stdio=job_pb2.StdioTest(expected_stdout=case["expect"].get("stdout", "")))
    return job


@pytest.mark.jail
@pytest.mark.parametrize("name", CASES)
def test_a_limit_that_is_reached_is_seen_as_it_is_documented(limited: Stub, name: str):
    expect = CASES[name]["expect"]
    answer = limited.Score(request(name, CASES[name]), timeout=120)
    if expect["status"] == "FAULT":
        assert answer.fault.kind == verdict_pb2.JUDGE, answer
        assert expect["fault"] in answer.fault.message
        return
    verdict = answer.verdict
    assert verdict_pb2.Status.Name(verdict.status) == expect["status"], answer
    test = verdict.tests[0]
    assert expect.get("build", "") in verdict.build.messages
    assert expect.get("detail", "") in test.detail
    assert expect.get("stdout", test.stdout) == test.stdout
    assert expect.get("signal", test.signal) == test.signal


def test_every_limit_of_every_table_has_a_case():
    shown = {f"{case['table']}.{case['key']}" for case in CASES.values()}
    assert shown == {each.key for each in described() if "limits." in each.key} - NOT_SHOWN


def test_every_case_is_one_value_of_a_policy_and_says_why(policies: Path):
    known = load_policies(policies)
    for name, case in CASES.items():
        assert set(case) <= {"why", "table", "key", "value", "language", "program", "checker", "expect"}, name
        assert set(case["expect"]) <= {"status", "stdout", "signal", "detail", "build", "fault"}, name
        assert case["why"].endswith("."), name
        assert getattr(getattr(known[name], case["table"]), case["key"]) == case["value"], name

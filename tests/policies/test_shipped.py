"""The shipped policies: a program that passes under each, and one that meets each limit in which it differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.policies import Policy, load_policies
from sandbox.policies.values import values
from sandbox.v1 import job_pb2, reward_pb2_grpc, verdict_pb2
from tests.policies.programs import (
    FORKS,
    LOOP,
    MANY_FILES,
    ONE_FILE,
    OPENS,
    SLEEP,
    STACK,
    TEMPLATES,
    large_table,
    printed,
    touched,
    warnings,
)

Stub = reward_pb2_grpc.RewardServiceStub
MEBI = 1 << 20
DEFAULT = load_policies()["default"]


THREADS = """
import threading, time


def many(n):
    made = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(n)]
    for each in made:
        each.start()
    for each in made:
        each.join()
    return n
"""


@dataclass(frozen=True)
class Row:
    """A program under a policy. `meets`: the key that it runs into; empty: it passes there, and not under default."""

    policy: str
    meets: str
    program: str
    status: str = "ACCEPTED"
    language: str = "python"
    stdout: str = ""
    says: str = ""
    checker: str = ""
    # It takes so long that it has a target of its own.
    slow: bool = False
    default: str = "RUNTIME_ERROR"


LARGER = {"status": "MEMORY_LIMIT", "default": "MEMORY_LIMIT"}
COUNTS = "def check(input, output, answer):\n    made = 0\n    {}\n    return True\n"
ROWS = [
    Row("contest", "", touched(180), stdout="180\n", default="ACCEPTED"),
    Row("contest", "limits.cpu_time_ms", LOOP, "TIME_LIMIT", says="2000 ms of CPU"),
    Row("contest", "limits.wall_time_ms", SLEEP, "TIME_LIMIT", says="6000 ms of wall"),
    Row("contest", "limits.memory_bytes", touched(300), "MEMORY_LIMIT", says=f"{256 * MEBI} bytes"),
    Row("contest", "limits.stack_bytes", STACK % (300 * MEBI), "RUNTIME_ERROR", "c", says="SIGSEGV"),
    Row("contest", "limits.processes", FORKS, stdout="EAGAIN 31\n"),
    Row("contest", "limits.output_bytes", printed(9 * MEBI), "OUTPUT_LIMIT", says=f"{8 * MEBI} bytes"),
    Row("contest", "limits.file_bytes", ONE_FILE, stdout="EFBIG 16\n"),
    Row("contest", "limits.disk_bytes", MANY_FILES, stdout="ENOSPC 31\n"),
    Row("contest", "limits.open_files", OPENS, stdout="EMFILE 63\n"),
    Row("compile", "", large_table(44), language="c", default="COMPILE_ERROR", slow=True),
    Row("compile", "", warnings(300), language="c", default="COMPILE_ERROR"),
    Row("compile", "build_limits.output_bytes", warnings(2500), "COMPILE_ERROR", "c", says="its output limit"),
    Row("compile", "build_limits.memory_bytes", large_table(90), "COMPILE_ERROR", "c", says="out of memory", slow=True),
    Row("compile", "build_limits.cpu_time_ms", TEMPLATES, "COMPILE_ERROR", "cpp", says="its cpu limit", slow=True),
    Row("repo", "", touched(1500), stdout="1500\n", default="MEMORY_LIMIT"),
    Row("repo", "limits.memory_bytes", touched(2200), "MEMORY_LIMIT", says=f"{2048 * MEBI} bytes"),
    Row("repo", "limits.processes", FORKS, stdout="EAGAIN 255\n"),
    Row("repo", "limits.file_bytes", ONE_FILE, stdout="EFBIG 128\n"),
    Row("repo", "limits.disk_bytes", MANY_FILES, stdout="ENOSPC 511\n"),
    Row("repo", "limits.open_files", OPENS, stdout="EMFILE 1023\n"),
    Row("repo", "limits.cpu_time_ms", LOOP, "TIME_LIMIT", says="60000 ms of CPU", slow=True),
    Row("repo", "limits.wall_time_ms", SLEEP, "TIME_LIMIT", says="180000 ms of wall", slow=True),
    Row(
        *("repo", "judge_limits.memory_bytes", "", "MEMORY_LIMIT"),
        checker=COUNTS.format("made = len(bytearray(b'x') * (2200 << 20))"),
        says=f"{2048 * MEBI} bytes",
    ),
    Row(
        *("repo", "judge_limits.processes", ""),
        checker=COUNTS.format(
            "exec(compile(" + repr(FORKS.replace("print(", "assert (255 == made, ")) + ", 'x', 'exec'))"
        ),
    ),
    Row(
        *("repo", "judge_limits.open_files", ""),
        checker=COUNTS.format(
            "exec(compile(" + repr(OPENS.replace("print(", "assert (1023 == last, ")) + ", 'x', 'exec'))"
        ),
    ),
    Row("repo", "judge_limits.cpu_time_ms", "", "TIME_LIMIT", checker=COUNTS.format(LOOP), slow=True),
]
# What no program can show: a build does not wait, and a checker that sleeps four minutes shows what `limits/` shows.
NOT_SHOWN = {("compile", "build_limits.wall_time_ms"), ("repo", "judge_limits.wall_time_ms")}


def scored(rewards: Stub, row: Row, policy: str) -> verdict_pb2.Verdict:
    program = job_pb2.Program(language=row.language, source=row.program)
    request = job_pb2.ScoreRequest(id=row.meets, program=program, policy=policy, feedback=job_pb2.ALL)
    if row.checker:
        judge = job_pb2.Program(language="python", source=row.checker)
        request.tests.add(checker=job_pb2.CheckerTest(program=judge, protocol="python"))
    else:
        request.tests.add(stdio=job_pb2.StdioTest(expected_stdout=row.stdout))
    answer = rewards.Score(request, timeout=600)
    assert answer.WhichOneof("outcome") == "verdict", answer
    return answer.verdict


def rows() -> Iterator[Any]:
    for row in ROWS:
        marks = [pytest.mark.campaign if row.slow else pytest.mark.jail]
        yield pytest.param(row, marks=marks, id=f"{row.policy}-{row.meets or 'passes'}-{row.language}")


@pytest.mark.parametrize("row", [*rows()])
def test_a_program_meets_the_limit_that_its_policy_sets(rewards: Stub, row: Row):
    verdict = scored(rewards, row, row.policy)
    assert verdict_pb2.Status.Name(verdict.status) == row.status, verdict
    assert row.says in verdict.build.messages + verdict.tests[0].detail
    assert verdict.receipt.policy == load_policies()[row.policy].hash
    if not row.meets:
        assert verdict_pb2.Status.Name(scored(rewards, row, "default").status) == row.default


def limits_that_differ(policy: Policy) -> set[str]:
    own = {each.key: each.value for each in values(DEFAULT)}
    return {each.key for each in values(policy) if "limits." in each.key and own[each.key] != each.value}


@pytest.mark.parametrize("name", ["contest", "compile", "repo"])
def test_every_limit_in_which_a_policy_differs_is_met_by_a_program(name: str):
    met = {row.meets for row in ROWS if row.policy == name and row.meets}
    assert met | {key for policy, key in NOT_SHOWN if policy == name} == limits_that_differ(load_policies()[name])
    assert any(row.policy == name and not row.meets for row in ROWS)


@pytest.mark.parametrize("name", sorted({*load_policies()} - {"default"}))
def test_a_shipped_file_says_nothing_that_its_base_says_already(name: str):
    policies = load_policies()
    base = policies["actions" if name == "agent" else "default"]
    above = {each.key: each.value for each in values(base)}
    own = [each for each in values(policies[name]) if each.origin.startswith(f"{name}.toml:")]
    assert own and all(above.get(each.key) != each.value for each in own)


@pytest.mark.jail
def test_a_suite_over_a_tree_runs_under_repo_with_more_processes_than_default_allows(rewards: Stub):
    tree = {"shop/__init__.py": "", "shop/work.py": THREADS}
    suite = "from shop.work import many\n\n\ndef test_many():\n    assert many(150) == 150\n"
    request = job_pb2.ScoreRequest(id="suite", program=job_pb2.Program(language="python"))
    request.program.files.extend(job_pb2.SourceFile(path=path, text=text) for path, text in tree.items())
    request.tests.add(suite=job_pb2.SuiteTest(files=[job_pb2.SourceFile(path="test_shop.py", text=suite)]))
    for policy, passed in (("repo", True), ("default", False)):
        request.policy = policy
        answer = rewards.Score(request, timeout=120)
        assert answer.verdict.passed is passed, answer

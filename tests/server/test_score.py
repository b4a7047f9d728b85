"""One job, one answer: verdicts, what they hold, and what they keep to themselves."""

from __future__ import annotations

import re

import pytest

from sandbox.v1 import job_pb2, reward_pb2_grpc, verdict_pb2
from tests.server.jobs import ADD, ECHO, job, statuses

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub
HASH = re.compile("sha256:[0-9a-f]{64}")


def test_a_right_program_is_accepted_and_rewarded(rewards: Stub) -> None:
    answer = rewards.Score(job(ADD, ("1 2", "3"), ("20 22", "42\n"), id="right"))
    assert answer.id == "right"
    assert answer.verdict.passed
    assert answer.verdict.reward == 1.0
    assert answer.verdict.status == verdict_pb2.ACCEPTED
    assert [test.id for test in answer.verdict.tests] == ["0", "1"]
    assert [test.score for test in answer.verdict.tests] == [1.0, 1.0]


def test_a_wrong_answer_is_an_answer_and_not_an_error(rewards: Stub) -> None:
    answer = rewards.Score(job(ADD, ("1 2", "3"), ("1 2", "4")))
    assert not answer.verdict.passed
    assert answer.verdict.HasField("reward")
    assert answer.verdict.reward == 0.0
    assert answer.verdict.status == verdict_pb2.WRONG_ANSWER
    assert statuses(answer) == ["ACCEPTED", "WRONG_ANSWER"]


def test_a_call_needs_no_id(rewards: Stub) -> None:
    assert rewards.Score(job(ADD, ("1 2", "3"), id="")).verdict.passed


def test_tests_keep_their_names_and_their_order(rewards: Stub) -> None:
    request = job(ECHO, ("a", "a"), ("b", "b"), ("c", "c"))
    for test, name in zip(request.tests, ("z", "", "a"), strict=True):
        test.id = name
    assert [test.id for test in rewards.Score(request).verdict.tests] == ["z", "1", "a"]


SECRET = "the answer is hidden"


@pytest.mark.parametrize("feedback", ["PUBLIC_ONLY", "ALL"])
@pytest.mark.parametrize("visibility", ["HIDDEN", "PUBLIC"])
def test_outputs_of_hidden_tests_come_only_when_all_is_asked_for(rewards: Stub, feedback: str, visibility: str) -> None:
    source = f"import sys\nprint({SECRET!r})\nprint({SECRET!r}, file=sys.stderr)\n"
    request = job(source, ("", "something else"), feedback=feedback)
    request.tests[0].visibility = visibility
    answer = rewards.Score(request)
    test = answer.verdict.tests[0]
    shown = feedback == "ALL" or visibility == "PUBLIC"
    assert (SECRET in test.stdout, SECRET in test.stderr, bool(test.detail)) == (shown, shown, shown)
    assert job_pb2.Visibility.Name(test.visibility) == visibility
    assert (test.stdout_size, test.stderr_size) == (len(SECRET) + 1, len(SECRET) + 1)
    assert (SECRET.encode() in answer.SerializeToString()) is shown


def test_no_expected_value_of_a_hidden_test_comes_back(rewards: Stub) -> None:
    request = job("def f(x):\n    return x\n")
    request.program.entry_point = "f"
    request.tests.add(stdio=job_pb2.StdioTest(stdin="", expected_stdout="hidden-output-7"))
    request.tests.add(call=job_pb2.CallTest(args_json="[1]", expected_json='"hidden-value-7"'))
    request.tests.add(asserts=job_pb2.AssertsTest(code='assert f(1) == "hidden-assert-7"'))
    answer = rewards.Score(request)
    assert statuses(answer) == ["WRONG_ANSWER"] * 3
    assert b"hidden-" not in answer.SerializeToString()


def test_outputs_are_clipped_and_marked(rewards: Stub) -> None:
    request = job("print('é' * 50000)", ("", ""), feedback="ALL")
    test = rewards.Score(request).verdict.tests[0]
    assert (len(test.stdout.encode()), test.stdout_clipped, test.stdout_size) == (16384, True, 100001)
    request.output_clip_bytes = 7
    test = rewards.Score(request).verdict.tests[0]
    assert (test.stdout, test.stdout_clipped, test.stdout_bytes) == ("ééé", True, b"")
    request.output_clip_bytes = 200_000
    test = rewards.Score(request).verdict.tests[0]
    assert (len(test.stdout), test.stdout_clipped) == (50001, False)


def test_bytes_that_are_no_text_come_in_both_forms(rewards: Stub) -> None:
    request = job("import os\nos.write(1, b'a\\xff')", ("", ""), feedback="ALL")
    test = rewards.Score(request).verdict.tests[0]
    assert (test.stdout, test.stdout_bytes) == ("a\N{REPLACEMENT CHARACTER}", b"a\xff")


def test_an_answer_says_what_it_took_and_what_was_around_the_program(rewards: Stub) -> None:
    request = job("x = bytearray(50 << 20)\nprint(sum(i for i in range(10**6)) and input())", ("a", "a"))
    request.limits.cpu_time_ms = 3000
    verdict = rewards.Score(request).verdict
    test = verdict.tests[0]
    assert 5 < test.cpu_ms < 3000
    assert test.wall_ms > 5
    assert 45 << 20 < test.peak_memory_bytes < 100 << 20
    assert test.exit_code == 0
    assert verdict.usage.cpu_ms == pytest.approx(test.cpu_ms)
    assert verdict.usage.total_ms >= test.wall_ms
    assert verdict.usage.retries == 0
    assert not verdict.usage.HasField("seed")
    assert verdict.isolation.tier == job_pb2.NAMESPACES
    assert verdict.isolation.seccomp
    assert {"user", "pid", "mount", "ipc", "uts", "network"} <= set(verdict.isolation.namespaces)
    assert verdict.isolation.limits_effective.cpu_time_ms == 3000
    assert verdict.integrity.level == job_pb2.ISOLATED


def test_a_seed_is_recorded_and_decides_what_is_drawn(rewards: Stub) -> None:
    def drawn(**fields: int) -> tuple[str, ...]:
        request = job("import random\nprint(random.random())", ("", ""), ("", ""), feedback="ALL", **fields)
        verdict = rewards.Score(request).verdict
        assert verdict.usage.HasField("seed") is bool(fields)
        return tuple(test.stdout for test in verdict.tests)

    assert drawn(seed=7) == drawn(seed=7) != drawn(seed=8)
    assert len({*drawn(), *drawn()}) == 4


def test_receipts_are_the_same_for_the_same_and_others_for_others(rewards: Stub) -> None:
    def receipt(source: str = ADD, expected: str = "3", **fields: str) -> verdict_pb2.Receipt:
        return rewards.Score(job(source, ("1 2", expected), **fields)).verdict.receipt

    first = receipt()
    assert all(HASH.fullmatch(value) for value in (first.program, first.tests, first.policy, first.results))
    assert receipt(id="another") == first
    assert receipt(group_id="g") == first
    other = receipt(source=ADD + "\n")
    assert (other.program != first.program, other.tests, other.policy, other.results) == (
        *(True, first.tests, first.policy, first.results),
    )
    other = receipt(expected="4")
    assert (other.program, other.tests != first.tests, other.results != first.results) == (first.program, True, True)
    other = receipt(policy="strict")
    assert (other.policy != first.policy, other.results) == (True, first.results)


def test_a_policy_may_renew_the_namespaces_for_every_test(rewards: Stub) -> None:
    assert rewards.Score(job(ADD, ("1 2", "3"), ("3 4", "7"), policy="strict")).verdict.passed


def test_a_program_of_a_built_language_brings_its_build(rewards: Stub) -> None:
    request = job("", ("", "hello\n"), ("", "hello\n"))
    request.program.language = "c"
    request.program.source = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; } // test_score\n'
    first, second = rewards.Score(request).verdict, rewards.Score(request).verdict
    assert first.passed
    assert second.passed
    assert first.build.ok
    assert (first.build.cached, second.build.cached) == (False, True)
    assert not rewards.Score(job(ADD, ("1 2", "3"))).verdict.HasField("build")


def test_a_built_program_sees_three_descriptors(rewards: Stub) -> None:
    source = """
    #include <dirent.h>
    #include <stdio.h>
    #include <stdlib.h>
    int main(void) {
        DIR *folder = opendir("/proc/self/fd");
        int seen[64] = {0};
        for (struct dirent *each; (each = readdir(folder)); )
            if (each->d_name[0] != '.' && atoi(each->d_name) != dirfd(folder)) seen[atoi(each->d_name)] = 1;
        for (int number = 0; number < 64; number++) if (seen[number]) printf("%d ", number);
        return 0;
    }
    """
    request = job("", ("", "0 1 2"), feedback="ALL")
    request.program.language, request.program.source = "c", source
    answer = rewards.Score(request)
    assert answer.verdict.passed, answer

"""What a checker's run makes of a candidate's: limits, passes, and what all passes together used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.judge.checker import CheckerCheck, added_up
from sandbox.model import plan as plans
from sandbox.model.outcome import Ended, JudgeFault, Refused, StarvedFault
from sandbox.model.status import Stage
from tests.judge.conversations import BUILT, ENDED, JUDGE_LIMITS, LIMITS, PYTHON, Meeting, deciding, end

PRINTED = replace(ENDED, stdout=b"printed")
PLAN = plans.TestPlan("main", LIMITS, stdin=b"given", argv=("main",))


def check(protocol: str = "testlib", passes: int = 1) -> CheckerCheck:
    return CheckerCheck(PLAN, LIMITS, deciding(protocol), b"answer", passes, False, JUDGE_LIMITS)


def kattis(code: int, *files: bytes | Refused | None) -> Ended:
    """A Kattis checker's run: score.txt, nextpass.in, judgemessage.txt."""
    return replace(ENDED, exit_code=code, collected=(*files, None, None, None)[:3])


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("cpu", Stage.TIME_LIMIT),
        ("wall", Stage.TIME_LIMIT),
        ("oom", Stage.MEMORY_LIMIT),
        ("output", Stage.OUTPUT_LIMIT),
        ("signal 25", Stage.OUTPUT_LIMIT),
    ],
)
async def test_a_checker_at_a_limit_is_the_candidates_limit_and_no_fault(text: str, stage: Stage) -> None:
    result = await check().run(Meeting([PRINTED], [end(text)]))
    assert (result.stage, result.score, result.ended) == (stage, 0.0, PRINTED)
    assert "the checker, over what it was given" in result.detail


@pytest.mark.parametrize(
    "text", ["signal 9", "signal 11", "signal 31", "exit 3", "exit 99", "exit 213", "exit 214", "exit 215"]
)
async def test_a_checker_that_ends_otherwise_is_a_fault(text: str) -> None:
    with pytest.raises(JudgeFault, match="the checker"):
        await check().run(Meeting([PRINTED], [end(text)]))


async def test_a_starved_run_on_either_side_is_our_fault() -> None:
    for candidate, checker in (("starved", "exit 0"), ("exit 0", "starved")):
        with pytest.raises(StarvedFault):
            await check().run(Meeting([end(candidate)], [end(checker)]))


async def test_a_checker_is_given_input_output_and_answer_and_the_candidate_its_input() -> None:
    meeting = Meeting([PRINTED], [end("exit 0")])
    assert (await check().run(meeting)).stage is Stage.ACCEPTED
    files = {"main.py": b"", "input.txt": b"given", "output.txt": b"printed", "answer.txt": b"answer"}
    assert meeting.helper.files == files
    assert meeting.helper.plans[0].argv == ("main", "input.txt", "output.txt", "answer.txt")
    assert meeting.helper.plans[0].limits == JUDGE_LIMITS
    assert meeting.party.files == {}
    assert meeting.party.plans == [PLAN]


async def test_after_a_candidate_that_failed_no_checker_runs() -> None:
    meeting = Meeting([end("exit 1")], [end("exit 0")])
    assert (await check().run(meeting)).stage is Stage.RUNTIME_ERROR
    assert meeting.helper.plans == []


async def test_passes_are_fed_with_what_the_checker_left() -> None:
    runs = [replace(PRINTED, stdout=b"one"), replace(PRINTED, stdout=b"two"), replace(PRINTED, stdout=b"three")]
    checks = [kattis(42, None, b"second"), kattis(42, None, b"third"), kattis(42)]
    meeting = Meeting(runs, checks)
    result = await check("kattis", passes=3).run(meeting)
    assert result.stage is Stage.ACCEPTED
    assert [plan.stdin for plan in meeting.party.plans] == [b"given", b"second", b"third"]
    assert [plan.stdin for plan in meeting.helper.plans] == [b"one", b"two", b"three"]
    assert [plan.argv[1] for plan in meeting.helper.plans] == ["input.txt", "nextpass.in", "nextpass.in"]
    # After the last pass there is nothing to keep.
    assert [bool(kept) for kept in meeting.helper.kept] == [True, True, False]


async def test_the_use_of_all_passes_counts() -> None:
    runs = [
        replace(ENDED, cpu_ms=1.0, wall_ms=3.0, peak_bytes=9),
        replace(ENDED, cpu_ms=2.0, wall_ms=4.0, peak_bytes=5),
    ]
    result = await check("kattis", passes=2).run(Meeting(runs, [kattis(42, None, b""), kattis(43)]))
    assert result.stage is Stage.WRONG_ANSWER
    assert result.ended == replace(runs[1], cpu_ms=3.0, wall_ms=7.0, peak_bytes=9)


def test_what_was_left_running_in_any_pass_is_known() -> None:
    assert not added_up([replace(ENDED, alone=False), ENDED]).alone
    assert added_up([ENDED]) is ENDED


@pytest.mark.parametrize("passes", [1, 2])
async def test_another_pass_after_the_last_is_a_fault(passes: int) -> None:
    with pytest.raises(JudgeFault, match=f"pass {passes}"):
        await check("kattis", passes).run(Meeting([ENDED] * 3, [kattis(42, None, b"more")] * 3))


async def test_a_rejection_needs_no_other_pass() -> None:
    result = await check("kattis", passes=2).run(Meeting([ENDED], [kattis(43, None, b"more")]))
    assert result.stage is Stage.WRONG_ANSWER


async def test_a_next_pass_that_is_too_large_is_the_candidates_limit() -> None:
    result = await check("kattis", passes=2).run(Meeting([ENDED], [kattis(42, None, Refused.LARGE)]))
    assert result.stage is Stage.OUTPUT_LIMIT


async def test_a_checker_of_passes_that_leaves_processes_behind_is_a_fault() -> None:
    left = replace(kattis(42, None, b"more"), alone=False)
    with pytest.raises(JudgeFault, match="left processes"):
        await check("kattis", passes=2).run(Meeting([ENDED] * 2, [left, kattis(42)]))


@pytest.mark.parametrize(
    ("output", "answer", "excused"),
    [(b"\xff", b"answer", True), (b"text", b"answer", False), (b"\xff", b"\xff", False)],
)
async def test_a_decoding_error_is_about_the_output_only_where_nothing_else_can_cause_it(
    output: bytes, answer: bytes, excused: bool
) -> None:
    test, meeting = replace(check(), answer=answer), Meeting([replace(ENDED, stdout=output)], [end("exit 214")])
    if excused:
        result = await test.run(meeting)
        assert (result.stage, result.detail) == (Stage.WRONG_ANSWER, "the output is not UTF-8")
    else:
        with pytest.raises(JudgeFault):
            await test.run(meeting)


async def test_codes_of_exceptions_mean_nothing_from_a_program_that_was_built() -> None:
    helper = replace(deciding("kattis").helper, runtime=replace(PYTHON, table=BUILT))
    test = replace(check("kattis"), helper=replace(deciding("kattis"), helper=helper))
    for code in ("exit 213", "exit 214", "exit 215"):
        with pytest.raises(JudgeFault):
            await test.run(Meeting([replace(ENDED, stdout=b"\xff")], [end(code)]))

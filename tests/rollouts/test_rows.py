"""Rows of data sets, out of the recorded run and out of anything."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts import Outcome, Rollout, RunFolder
from sandbox.rollouts.rows import Left, dpo_rows, messages_in, rlhf_rows, row_line, sft_rows
from tests.rollouts.laws import law
from tests.rollouts.test_groups import rollout
from tests.rollouts.test_pairs import SAMPLES, failed, passed

RUN = RunFolder(Path(__file__).parent / "run")
# Everything that a JSON text may hold, halves of surrogate pairs and what terminals obey among it.
HOSTILE = st.text(st.characters() | st.sampled_from("\ud800\udc00\x00\x1b\x9b\u2028\u202e\r\n"))
CHAT = json.dumps([{"role": "user", "content": "Go."}])


@pytest.fixture(scope="module")
def recorded() -> list[Rollout]:
    return [*RUN.rollouts()]


def test_the_recorded_run_holds_what_the_tests_are_about(recorded: list[Rollout]) -> None:
    assert {each.step for each in recorded} == {1, 2, 3}
    assert {each.task for each in recorded} == {"double", "first"}
    assert sum(bool(each.fault) for each in recorded) == 1
    assert [each.turn for each in recorded if not each.last] == [0]
    assert {"COMPILE_ERROR", "RUNTIME_ERROR", "WRONG_ANSWER", "ACCEPTED"} <= {each.verdict for each in recorded}


def test_pairs_of_a_group_and_of_a_task(recorded: list[Rollout]) -> None:
    left = Left()
    rows = [*dpo_rows(recorded, left)]
    assert [(row["task"], row["step"], row["reward_chosen"], row["reward_rejected"]) for row in rows[:2]] == [
        ("double", 2, 1.0, 0.6667),
        ("double", 2, 1.0, 0.3333),
    ]
    assert left.counts == {"groups without a pair": 3, "faults": 1, "pairs seen before": 1}
    both = [*dpo_rows(recorded, Left(), within="task", limit=100)]
    assert len(both) > len(rows)


def test_a_repair_is_a_pair_with_nobody_who_had_another_prompt(recorded: list[Rollout]) -> None:
    rows = [*dpo_rows(recorded, Left(), within="task", limit=100, margin=0.0)]
    assert not [row for row in rows if len(row["prompt"]) > 2]


def test_what_passed_is_written_once_and_in_the_order_of_the_log(recorded: list[Rollout]) -> None:
    rows = [*sft_rows(recorded, Left(), per_task=1)]
    assert [(row["task"], row["step"]) for row in rows] == [("double", 2), ("first", 2)]
    assert len([*sft_rows(recorded, Left())]) == 5


def test_advantages_are_those_of_the_whole_group_without_its_faults(recorded: list[Rollout]) -> None:
    left = Left()
    rows = [row for row in rlhf_rows(recorded, left) if row["group"] == "2:2-double"]
    assert left.counts == {"faults": 1}
    assert [row["reward"] for row in rows] == [0.6667, 1.0, 0.3333]
    assert math.fsum(row["advantage_rloo"] for row in rows) == pytest.approx(0.0)


def test_the_line_that_raised_is_found_in_what_the_server_said(recorded: list[Rollout]) -> None:
    found = {}
    for row in rlhf_rows(recorded, Left(), line_penalty=0.25):
        text = row["completion"][0]["content"]
        for start, end, value in row["spans"][1:]:
            found[text[start:end]] = value
    assert found == {
        "def double(n:": -0.25,  # a syntax error
        "return n * m": -0.25,  # below the line of the call
        "return items[0]": -0.25,
        "I cannot do that.": -0.25,  # no program at all
    }


def test_a_sample_alone_in_its_group_has_no_advantage_and_no_row() -> None:
    left = Left()
    assert [*rlhf_rows([passed("a"), rollout(1, fault="JAIL")], left)] == []
    assert left.counts == {"faults": 1, "samples alone in their group": 1}


def test_prompts_that_are_messages_become_messages_and_others_follow() -> None:
    rows = [*sft_rows([passed("a", prompt=CHAT), passed("b", prompt="Go on.")], Left())]
    assert [row["prompt"][0]["content"] for row in rows] == ["Go.", "Go on."]
    assert rows[1]["completion"] == [{"role": "assistant", "content": "b"}]
    assert next(sft_rows([passed("b", prompt="Go on.")], Left()))["prompt"] == "Go on."


@pytest.mark.parametrize(
    "prompt",
    ["", "[", "[]", "[1, 2]", '[{"role": "user"}]', '[{"role": "user", "content": 1}]', '{"role": "a"}', "[" * 99_999],
)
def test_a_prompt_that_only_looks_like_messages_is_text(prompt: str) -> None:
    assert messages_in(prompt) is None


@law
@given(SAMPLES)
def test_every_exported_line_loads_and_no_fault_is_among_them(samples: list[Rollout]) -> None:
    valid = {each.completion for each in samples if not each.fault and each.reward is not None}
    for rows in (dpo_rows(samples, Left(), margin=0.0), sft_rows(samples, Left()), rlhf_rows(samples, Left())):
        for row in rows:
            assert json.loads(row_line(row)) == row
            assert {row.get("completion"), row.get("chosen"), row.get("rejected")} - {None} <= valid


@law
@given(HOSTILE, HOSTILE)
def test_hostile_text_survives_and_keeps_its_offsets(text: str, other: str) -> None:
    for row in rlhf_rows([passed(text, sample=0), failed(other, sample=1)], Left()):
        line = row_line(row)
        assert line.isascii()
        assert line.count("\n") == 1
        loaded = json.loads(line)["completion"]
        assert len(loaded) == len(row["completion"])
        loaded.encode()
        assert [ours for ours, theirs in zip(row["completion"], loaded, strict=True) if ours != theirs] == [
            ours for ours in row["completion"] if "\ud800" <= ours <= "\udfff"
        ]


OUTCOMES = st.builds(
    Outcome,
    id=HOSTILE,
    status=st.sampled_from(["ACCEPTED", "RUNTIME_ERROR"]),
    score=st.floats(0, 1),
    public=st.booleans(),
    detail=HOSTILE,
    stdout=HOSTILE,
    stderr=HOSTILE,
)


@law
@given(
    st.builds(
        Rollout,
        step=st.integers(0),
        task=HOSTILE,
        group=HOSTILE,
        sample=st.integers(0),
        prompt=HOSTILE,
        completion=HOSTILE,
        reward=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        fault=HOSTILE,
        numbers=st.dictionaries(HOSTILE, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
        tests=st.lists(OUTCOMES, max_size=2).map(tuple),
    )
)
def test_a_line_of_the_log_is_read_as_what_was_written(record: Rollout) -> None:
    assert Rollout.parse(record.line()) == record


def test_half_a_surrogate_pair_in_a_completion_ends_no_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.write_lines("rollouts.jsonl", [rollout(completion="a\ud800b").line()])
    assert [each.completion for each in folder.rollouts()] == ["a?b"]

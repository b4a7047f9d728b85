"""From the end of a checker and what it left to a decision: the tables beside this file, and what no table holds."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.judge import protocols
from sandbox.judge.protocols import (
    CRASHED,
    KATTIS_FILES,
    MESSAGE,
    NEXT_PASS,
    NO_INPUT,
    NOT_TEXT,
    SCORE,
    Decision,
    decide,
    kattis,
    next_pass,
    words,
)
from sandbox.model.outcome import End, Ended, JudgeFault, Refused

TABLES = tomllib.loads(Path(__file__).with_name("protocols.toml").read_text(encoding="utf-8"))
CASES = [pytest.param(name, case, id=f"{name}:{number}") for name in TABLES for number, case in enumerate(TABLES[name])]
ENDED = Ended(End.EXIT, 0, 0, 1.0, 1.0, 1 << 20, False, 0.0, b"", b"", 0, 0)


def ended(case: dict[str, Any]) -> Ended:
    """The end of a helper, as a case of a table tells it."""
    files = case.get("files", {})
    return replace(
        ENDED,
        exit_code=case.get("exit"),
        stderr=case.get("stderr", "").encode(),
        extra=(case["claim"] + "\n").encode() if case.get("claim") else b"",
        collected=tuple(files[name].encode() if name in files else None for name in KATTIS_FILES),
    )


@pytest.mark.parametrize(("protocol", "case"), CASES)
def test_an_end_decides_as_its_protocol_says(protocol: str, case: dict[str, Any]) -> None:
    if "fault" in case:
        with pytest.raises(JudgeFault) as caught:
            decide(protocol, ended(case))
        assert case["fault"] in str(caught.value)
        return
    found = decide(protocol, ended(case))
    assert (found.score, found.rejects) == (case.get("score", 0.0), case.get("rejects", False))
    assert found.detail == case.get("detail", found.detail)


def test_every_exit_code_is_decided_or_a_fault() -> None:
    def accepted(protocol: str, code: int) -> bool:
        try:
            return decide(protocol, replace(ENDED, exit_code=code)).score == 1.0
        except JudgeFault:
            return False

    assert [code for code in range(256) if accepted("testlib", code)] == [0]
    assert [code for code in range(256) if accepted("kattis", code)] == [42]


@pytest.mark.parametrize("protocol", ["testlib", "kattis"])
@pytest.mark.parametrize("code", [NO_INPUT, NOT_TEXT, CRASHED])
def test_an_exception_is_a_fault_unless_it_is_excused(protocol: str, code: int) -> None:
    crash = replace(ENDED, exit_code=code, stderr=b"Traceback\nEOFError: EOF when reading a line\n")
    with pytest.raises(JudgeFault, match="EOFError"):
        decide(protocol, crash)
    assert decide(protocol, crash, {code: "too short"}) == Decision(0.0, "too short", rejects=True)


@pytest.mark.parametrize("why", Refused)
def test_a_score_that_did_not_come_back_is_a_fault_and_not_a_missing_one(why: Refused) -> None:
    with pytest.raises(JudgeFault, match=SCORE):
        kattis(42, {SCORE: why})
    assert kattis(43, {SCORE: why}).rejects


def test_a_score_of_millions_of_digits_is_a_fault() -> None:
    for text in (b"0" * 5_000_000, b"0." + b"0" * 5_000_000, b" " * 5_000_000 + b"1", b"1" + b"\n" * 5_000_000):
        with pytest.raises(JudgeFault, match=SCORE):
            kattis(42, {SCORE: text})


@pytest.mark.parametrize("message", [None, Refused.LARGE, Refused.IRREGULAR])
def test_without_a_message_the_error_output_tells(message: Refused | None) -> None:
    assert kattis(43, {MESSAGE: message}, b"no path\n") == Decision(0.0, "no path", rejects=True)


def test_a_next_pass_is_bytes_or_none_or_too_large_and_anything_else_a_fault() -> None:
    assert next_pass({}) is next_pass({NEXT_PASS: None}) is None
    assert next_pass({NEXT_PASS: b""}) == b""
    assert next_pass({NEXT_PASS: Refused.LARGE}) is Refused.LARGE
    with pytest.raises(JudgeFault, match=NEXT_PASS):
        next_pass({NEXT_PASS: Refused.IRREGULAR})


@given(st.binary(max_size=5000))
def test_words_are_short_valid_and_printable(text: bytes) -> None:
    for last in (False, True):
        found = words(text, last)
        assert len(found) <= 1000
        assert found.encode().decode() == found
        assert all(each.isprintable() or each == "\n" for each in found)


@given(st.text("points 0.5\n1e-+naif", max_size=60))
def test_what_a_candidate_adds_to_a_message_never_raises_its_points(quoted: str) -> None:
    assert protocols.testlib(7, f"points 0.25 found {quoted}".encode()).score <= 0.25


def test_long_texts_are_read_in_linear_time() -> None:
    # A backtracking expression would take minutes for these.
    assert protocols.testlib(7, b"points 0.5 " + b"points " * 500_000).score == 0.5
    assert protocols.testlib(7, b"points 0.5\n" + b"points" + b" " * 4_000_000).score == 0.5
    assert protocols.testlib(7, b"points 0.5\n" + b"points " + b"1" * 4_000_000).score == 0.5

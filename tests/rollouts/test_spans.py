"""Rewards of characters, and of tokens."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rollouts.record import Outcome
from sandbox.rollouts.spans import Span, error_line, reward_spans, token_rewards
from tests.rollouts.laws import law
from tests.rollouts.test_groups import rollout

FRAME = '  File "/box/work/main.py", line {}, in f\n    return g()\n           ~^^\n'
LIBRARY = '  File "/usr/local/lib/python3.12/json/decoder.py", line 353, in raw_decode\n    obj\n'
HEAD = "Traceback (most recent call last):\n"
COMPLETION = "So:\n```python\ndef f(n):\n    return n / 0\n\n\nprint(f(1))\n```\nprint(f(1)) is it."
VALUES = st.floats(-10, 10)
SPANS = st.builds(
    lambda start, length, value: Span(start, start + length, value), st.integers(0, 60), st.integers(0, 30), VALUES
)
OFFSETS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))), min_size=1)


def failed(stderr: str, status: str = "RUNTIME_ERROR", completion: str = COMPLETION, reward: float | None = 0.0):
    return rollout(
        completion=completion, reward=reward, verdict=status, tests=(Outcome("0", status, 0, stderr=stderr),)
    )


def words(spans: list[Span], completion: str = COMPLETION) -> list[tuple[str, float]]:
    return [(completion[span.start : span.end], span.value) for span in spans]


@pytest.mark.parametrize(
    ("stderr", "line"),
    [
        ("", None),
        ("what a program says\n", None),
        (HEAD + FRAME.format(7) + FRAME.format(2) + "ZeroDivisionError: division by zero\n", 2),
        (HEAD + FRAME.format(5) + LIBRARY + "json.decoder.JSONDecodeError: no\n", 5),
        (HEAD + FRAME.format(3) + "KeyError: 1\n\nDuring handling\n\n" + HEAD + FRAME.format(5) + "ValueError\n", 5),
        (HEAD + FRAME.format(2) + "  [Previous line repeated 996 more times]\nRecursionError: deep\n", 2),
        ('  File "/box/work/main.py", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n', 1),
        ('  File "/box/work/main.py", line 3\n    y = 2\nTabError: inconsistent use of tabs\n', None),
        (HEAD + FRAME.format(2) + "ValueError: a\n" + FRAME.format(9), 2),
        (HEAD + '  File "/box/work/other.py", line 2, in f\n    x\nValueError\n', None),
        (HEAD + '  File "/box/work/main.py", line ' + "9" * 5000 + ", in f\nValueError\n", None),
    ],
)
def test_the_line_of_an_error_is_the_innermost_of_the_program(stderr: str, line: int | None) -> None:
    assert error_line(stderr) == line


def test_the_reward_is_on_the_last_character_of_the_program_and_the_penalty_on_the_line_that_raised() -> None:
    found = reward_spans(failed(HEAD + FRAME.format(5) + FRAME.format(2) + "ZeroDivisionError\n"), 0.3)
    assert words(found) == [(")", 0.0), ("return n / 0", -0.3)]
    assert found[0].start == COMPLETION.index("print(f(1))\n") + len("print(f(1))") - 1


def test_without_a_penalty_only_the_outcome_is_rewarded() -> None:
    assert words(reward_spans(failed(HEAD + FRAME.format(2) + "ValueError\n", reward=0.5))) == [(")", 0.5)]


@pytest.mark.parametrize("status", ["WRONG_ANSWER", "TIME_LIMIT", "ACCEPTED"])
def test_a_traceback_that_a_program_prints_for_itself_is_no_error(status: str) -> None:
    assert len(reward_spans(failed(HEAD + FRAME.format(2) + "ValueError\n", status), 0.3)) == 1


@pytest.mark.parametrize("line", [0, 3, 6, 99, 999_999_999])
def test_a_line_that_the_program_does_not_have_earns_no_penalty(line: int) -> None:
    assert len(reward_spans(failed(HEAD + FRAME.format(line) + "ValueError\n"), 0.3)) == 1


def test_lines_are_counted_as_python_counts_them() -> None:
    completion = "a = '\x0b\x1c\u2028'\r\nb\r  c()\n"
    found = reward_spans(failed(HEAD + FRAME.format(3) + "NameError\n", completion=completion), 1.0)
    assert words(found, completion)[1] == ("c()", -1.0)


def test_a_fault_has_no_spans() -> None:
    assert reward_spans(failed("", reward=None), 0.3) == []


@law
@given(st.text(), st.text(), st.floats(-2, 2))
def test_any_completion_and_stderr_have_spans_inside_the_completion(text: str, stderr: str, reward: float) -> None:
    spans = reward_spans(failed(stderr, completion=text, reward=reward), 0.5)
    assert spans[0].value == reward
    assert all(0 <= span.start < span.end <= max(1, len(text)) for span in spans)


@law
@given(st.lists(SPANS, max_size=5), OFFSETS)
def test_token_rewards_keep_the_sum(spans: list[Span], offsets: list[tuple[int, int]]) -> None:
    rewards = token_rewards(spans, offsets)
    assert len(rewards) == len(offsets)
    assert math.fsum(rewards) == pytest.approx(math.fsum(span.value for span in spans), abs=1e-9)


def test_tokens_share_what_their_span_earns() -> None:
    offsets = [(0, 0), (0, 4), (4, 8), (8, 12), (12, 12)]
    assert token_rewards([Span(11, 12, 1.0), Span(5, 9, -0.5)], offsets) == [0.0, 0.0, -0.25, 0.75, 0.0]


def test_spans_are_taken_as_an_exported_row_has_them() -> None:
    assert token_rewards([[0.0, 4.0, 0.5]], [[0, 2], [2, 4]]) == [0.25, 0.25]


def test_the_reward_of_a_completion_that_was_cut_is_on_its_last_token() -> None:
    assert token_rewards([Span(90, 91, 1.0)], [(0, 4), (4, 8), (0, 0)]) == [0.0, 1.0, 0.0]


def test_a_reward_without_tokens_is_an_error_and_none_is_none() -> None:
    assert token_rewards([], []) == []
    with pytest.raises(ValueError, match="no token"):
        token_rewards([Span(0, 1, 1.0)], [])

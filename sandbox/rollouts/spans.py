"""Rewards of characters, for trainers that reward tokens: PPO, and RLTF's fine-grained feedback (arXiv 2307.04349).

A span is a part of a completion, in characters, and what it earns in all. Which tokens that is depends on a tokenizer,
so spans are what is kept, and `token_rewards` maps them with the tokenizer's own offsets:

    offsets = tokenizer(completion, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    rewards = token_rewards(spans, offsets)

The line of an error is what Python's traceback names. A program writes to its own stderr, so it can forge one: that
moves the penalty to another of its lines, and changes no sum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sandbox.model.plan import WORK
from sandbox.rollouts.groups import reward_of
from sandbox.rollouts.record import Rollout
from sandbox.tasks import program_place

MAIN = "main.py"
_TRACEBACK = "Traceback (most recent call last):"
# The line that a parser names for these is seldom the one that is wrong.
_VAGUE = ("IndentationError", "TabError")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """Characters `start` up to `end` of a completion earn `value`, all together."""

    start: int
    end: int
    value: float


def reward_spans(rollout: Rollout, line_penalty: float = 0.0, main: str = MAIN) -> list[Span]:
    """The reward on the last character of the program, and -line_penalty on the line that raised; none for a fault.

    `main` is the program's file. The line is that of the first test that ended in an error whose traceback names one.
    """
    reward = reward_of(rollout)
    if reward is None:
        return []
    last = _last_character(rollout)
    spans = [Span(last, last + 1, reward)]
    place = _error_place(rollout, main) if line_penalty else None
    if place is not None:
        spans.append(Span(*place, -line_penalty))
    return spans


def error_line(stderr: str, main: str = MAIN) -> int | None:
    """The innermost line of the program in a traceback, from 1; None where none is named.

    Of chained exceptions the last counts. A syntax error is named without a traceback.
    """
    lines = stderr.split("\n")
    heads = [number for number, line in enumerate(lines) if line == _TRACEBACK]
    frame = re.compile(rf'  File "{re.escape(f"{WORK}/{main}")}", line (\d{{1,9}})(?:, in .*)?')
    found: int | None = None
    for line in lines[heads[-1] + 1 if heads else 0 :]:
        if not line.startswith(" "):
            # The exception itself; what follows is its message, which the program chose.
            return None if line.startswith(_VAGUE) else found
        if match := frame.fullmatch(line):
            found = int(match[1])
    return found


def token_rewards(spans: Sequence[Sequence[float]], offsets: Sequence[Sequence[int]]) -> list[float]:
    """One reward a token: each span's value in equal parts on the tokens that overlap it. The sum is kept.

    `spans` are (start, end, value), as `Span` or as an exported row has them; `offsets` are the tokens' (start, end) in
    characters, in their order, where special tokens have empty ones. A span that no token overlaps, as of a completion
    that was cut, goes to the last token that begins before its end. Raises ValueError for spans without any token.
    """
    rewards = [0.0] * len(offsets)
    for start, end, value in spans:
        if not offsets:
            raise ValueError("there is no token that could have the reward")
        places = _overlapping(start, end, offsets)
        for place in places:
            rewards[place] += value / len(places)
    return rewards


def _overlapping(start: float, end: float, offsets: Sequence[Sequence[int]]) -> list[int]:
    found = [place for place, (first, last) in enumerate(offsets) if max(first, start) < min(last, end)]
    if found:
        return found
    before = [place for place, (first, last) in enumerate(offsets) if first < last and first < end]
    return [before[-1] if before else len(offsets) - 1]


def _place(rollout: Rollout) -> tuple[int, int]:
    """Where the program stands that was judged; of a log that does not say so, where one stands in a chat's answer."""
    return rollout.place or program_place(rollout.completion)


def _last_character(rollout: Rollout) -> int:
    completion, (start, end) = rollout.completion, _place(rollout)
    program = completion[start:end].rstrip()
    return start + len(program) - 1 if program else max(0, len(completion) - 1)


def _error_place(rollout: Rollout, main: str) -> tuple[int, int] | None:
    failed = (test for test in rollout.tests if test.status in ("RUNTIME_ERROR", "COMPILE_ERROR"))
    number = next((line for test in failed if (line := error_line(test.stderr, main)) is not None), None)
    return None if number is None else _line_place(rollout.completion, _place(rollout), number - rollout.above)


def _line_place(completion: str, place: tuple[int, int], number: int) -> tuple[int, int] | None:
    """The characters of a line of the program, its indentation and its end left out; None where it is blank."""
    if number < 1:
        return None
    start, end = place
    for _ in range(number - 1):
        newline = _LINE_END.search(completion, start, end)
        if newline is None:
            return None
        start = newline.end()
    newline = _LINE_END.search(completion, start, end)
    line = completion[start : newline.start() if newline else end]
    text = line.strip()
    begin = start + len(line) - len(line.lstrip())
    return (begin, begin + len(text)) if text else None

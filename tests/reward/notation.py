"""The short notation of the case files: "W 0.5 @group *2" is a wrong answer with score 0.5, in a group, of weight 2."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from sandbox.reward import Outcome, Scored, Stage

LETTERS = {
    "A": Stage.ACCEPTED,
    "W": Stage.WRONG_ANSWER,
    "R": Stage.RUNTIME_ERROR,
    "T": Stage.TIME_LIMIT,
    "M": Stage.MEMORY_LIMIT,
    "O": Stage.OUTPUT_LIMIT,
    "S": Stage.SECURITY_VIOLATION,
    "C": Stage.COMPILE_ERROR,
    "-": Stage.SKIPPED,
}


def cases(name: str) -> list[object]:
    path = Path(__file__).parent / name
    return [pytest.param(case, id=case["name"]) for case in tomllib.loads(path.read_text())["case"]]


def outcome(tests: Sequence[str]) -> Outcome:
    return Outcome.of(_scored(number, text) for number, text in enumerate(tests))


def _scored(number: int, text: str) -> Scored:
    letter, *words = text.split()
    stage = LETTERS[letter]
    score, weight, group = float(stage is Stage.ACCEPTED), 1.0, ""
    for word in words:
        if word.startswith("@"):
            group = word[1:]
        elif word.startswith("*"):
            weight = float(word[1:])
        else:
            score = float(word)
    return Scored(str(number), stage is Stage.ACCEPTED, score, weight, group, stage)

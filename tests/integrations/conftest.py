"""What every adapter is shown: a right, a wrong and a broken program, and a fault of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from sandbox.client.fake import FakeClient
from sandbox.integrations import core
from sandbox.v1 import job_pb2, verdict_pb2

RIGHT = "```python\nprint(int(input()) * 2)\n```"
WRONG = "I think so:\n```python\nprint(4)\n```"
BROKEN = "```python\nprint(\n```"
FAULT = "```python\nprint('fault')\n```"
TESTS = {"inputs": ["2", "-3"], "outputs": ["4", "-6"]}


def judged(request: job_pb2.ScoreRequest) -> verdict_pb2.Verdict | None:
    """What a server would answer to the four programs."""
    source = request.program.source
    if "fault" in source:
        return None
    stages = {"print(int(input()) * 2)\n": ("ACCEPTED", "ACCEPTED"), "print(4)\n": ("ACCEPTED", "WRONG_ANSWER")}
    found = stages.get(source, ("COMPILE_ERROR", "COMPILE_ERROR"))
    tests = [
        verdict_pb2.TestResult(id=str(number), status=status, score=float(status == "ACCEPTED"))
        for number, status in enumerate(found[: len(request.tests)])
    ]
    passed = all(test.score == 1.0 for test in tests)
    fraction = sum(test.score for test in tests) / len(tests)
    reward = fraction if request.reward.scheme == "fraction" else float(passed)
    worst = next((status for status in found if status != "ACCEPTED"), "ACCEPTED")
    return verdict_pb2.Verdict(passed=passed, reward=reward, status=worst, tests=tests)


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> core.Scorer:
    """A scorer over a script in place of a server; functions that are found by name take it, too."""
    made = core.Scorer(client=FakeClient(judged))
    monkeypatch.setattr(core, "_default", made)
    return made


@pytest.fixture
def address() -> Iterator[str]:
    """An address of a Unix socket, whose path must be short."""
    with tempfile.TemporaryDirectory(prefix="sb") as folder:
        yield f"unix:{folder}/server"

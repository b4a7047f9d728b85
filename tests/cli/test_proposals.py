"""Lines to problems: every shape, errors in place, and reports in the order of the file."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.admission import Options, Report
from sandbox.cli.admitting import Census, examine_all, written_to
from sandbox.cli.exits import Exit, ServerError, UsageError
from sandbox.cli.feed import feed
from sandbox.cli.flow import fault
from sandbox.cli.proposals import Line, read_proposals
from sandbox.cli.tally import ROWS
from sandbox.errors import SandboxError
from sandbox.v1 import job_pb2, verdict_pb2
from tests.problems.rows import DOUBLE, PUBLISHED

REQUEST = {"id": "a", "program": {"language": "python", "source": "x"}, "tests": [{"stdio": {}}]}


def read(*rows: Any) -> list[Line]:
    text = b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
    return [*read_proposals(io.BytesIO(text))]


def test_the_general_form_and_a_bare_job_are_the_same_problem() -> None:
    wrapped, bare = read({"request": REQUEST, "prompt": "do it", "level": 3}, {**REQUEST, "id": "b"})
    assert wrapped.proposal is not None
    assert bare.proposal is not None
    assert (wrapped.id, bare.id) == ("a", "b")
    assert wrapped.proposal.request.program.source == "x"
    assert bare.proposal.request.tests == wrapped.proposal.request.tests


def test_rows_of_problem_sets_become_the_job_of_their_solution() -> None:
    double, half = read(DOUBLE, PUBLISHED)
    assert double.proposal is not None
    assert half.proposal is not None
    assert (double.id, half.id) == ("House/double", "MBPP/7")
    assert double.proposal.request.program.source == DOUBLE["prompt"] + DOUBLE["canonical_solution"]
    assert half.proposal.request.program.entry_point == "half"
    assert double.proposal.request.tests[0].asserts.code == DOUBLE["test"]


def test_a_line_keeps_its_bytes_and_is_called_by_what_names_it() -> None:
    text = b'{"request":   {"program": {}}, "task_id": 7}'
    first, second = read(text, b'{"program": {}}')
    assert (first.text, first.id) == (text + b"\n", "7")
    assert second.id == "line-2"


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (b"oops", "is not JSON"),
        ([1], "is not an object"),
        ({"text": "a story"}, "is no problem"),
        ({"request": {"progam": {}}}, "did you mean 'program'?"),
        ({"request": 5}, "has to be an object"),
        ({**REQUEST, "prompt": "x"}, "prompt: no such field"),
        ({**DOUBLE, "test": 5}, "'test' is not a text"),
        ({**PUBLISHED, "code": "def ("}, "not a problem"),
        (b"[" * 100_000, "nested"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_line_that_is_no_problem_says_why_and_the_next_is_read(row: Any, part: str) -> None:
    bad, good = read(row, {**REQUEST, "id": "another"})
    assert bad.proposal is None
    assert part in bad.error
    assert good.proposal is not None


def test_a_name_that_comes_twice_is_an_error_of_the_second() -> None:
    first, second = read(REQUEST, {"request": REQUEST})
    assert not first.error
    assert "names another problem" in second.error


def test_compressed_files_are_read_and_broken_ones_are_bad_usage() -> None:
    data = gzip.compress(json.dumps(REQUEST).encode())
    assert [line.id for line in read_proposals(io.BytesIO(data), compressed=True)] == ["a"]
    for broken in (b"no gzip at all", data[:-9]):
        with pytest.raises(UsageError, match="cannot be read"):
            list(read_proposals(io.BytesIO(broken), compressed=True))


class FakeScorer:
    """Finds every program right, the first ones last; or goes away."""

    def __init__(self, lose_after: int = 10**9) -> None:
        self.room = 8
        self.lost: SandboxError | None = None
        self.seen = 0
        self.most = 0
        self._flying: set[str] = set()
        self._lose_after = lose_after

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        assert request.id not in self._flying
        self._flying.add(request.id)
        self.seen += 1
        self.most = max(self.most, len(self._flying))
        number = int(request.id.removeprefix("line-"))
        for _ in range(30 - number % 8):
            await asyncio.sleep(0)
        self._flying.discard(request.id)
        if self.seen >= self._lose_after:
            self.lost = ServerError("gone")
            return fault(request.id, "gone")
        answer = verdict_pb2.ScoreResponse(id=request.id)
        answer.verdict.status = verdict_pb2.ACCEPTED
        for _ in request.tests:
            answer.verdict.tests.add(status=verdict_pb2.ACCEPTED)
        return answer


async def reports(scorer: FakeScorer, count: int) -> list[str]:
    rows = [{**REQUEST, "id": str(number)} if number % 5 else b"oops" for number in range(count)]
    found: list[str] = []
    lines = feed(iter(read(*rows)))
    await examine_all(lines, scorer, Options(runs=1), lambda line, report: found.append(report.id))
    return found


async def test_reports_come_in_the_order_of_the_file_and_so_many_at_a_time() -> None:
    scorer = FakeScorer()
    assert await reports(scorer, 40) == [str(number) if number % 5 else f"line-{number + 1}" for number in range(40)]
    assert 2 < scorer.most <= 8


async def test_a_server_that_goes_away_ends_the_run_and_admits_nothing_more() -> None:
    scorer = FakeScorer(lose_after=20)
    with pytest.raises(ServerError):
        await reports(scorer, 1000)
    assert scorer.seen < 100


@pytest.mark.parametrize(
    ("admitted", "bad", "code"),
    [
        ([True, True], 0, Exit.ACCEPTED),
        ([True, False], 0, Exit.NOT_ACCEPTED),
        ([True, False], 1, Exit.BAD),
        ([True, False, None], 1, Exit.FAULT),
    ],
)
def test_the_exit_code_is_the_highest_that_applies(admitted: list[bool | None], bad: int, code: Exit) -> None:
    census = Census()
    for each in admitted:
        census.add(Line(1, b"x", "a"), Report("a", each))
    for _ in range(bad):
        census.add(Line(1, b"x", "a"), Report("a", False, bad=True))
    assert census.exit is code
    assert census.total == len(admitted) + bad


def test_of_very_many_problems_those_that_are_not_admitted_are_shown() -> None:
    census = Census()
    for number in range(ROWS + 50):
        census.add(Line(1, b"x", "a"), Report(str(number), number % 100 != 0))
    assert [report.id for report in census.reports] == ["0", "100", "200"]
    assert census.hidden == ROWS + 47
    assert "297 of 300 admitted; 3 rejected" in census.summary()


def test_the_input_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "problems.jsonl"
    file.write_text("kept")
    with pytest.raises(UsageError, match="is what is read"), written_to(file, str(file)):
        pass
    with pytest.raises(UsageError, match="cannot write"), written_to(tmp_path, "-"):
        pass
    assert file.read_text() == "kept"

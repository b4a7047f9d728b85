"""`sandbox score`: many jobs, from a file or a pipe."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import UsageError
from sandbox.cli.verb import EXITS, Verb, cells_option, home_option, json_option

if TYPE_CHECKING:
    from sandbox.cli.flow import Scorer
    from sandbox.cli.tally import Tally

_EPILOG = f"""
examples:
  sandbox score jobs.jsonl
  sandbox score jobs.jsonl --json > answers.jsonl
  cat jobs.jsonl | sandbox score - --server unix:/run/sandbox.sock

a job (on one line):
  {{"id": "a", "program": {{"language": "python", "source": "print(6 * 7)"}},
   "tests": [{{"stdio": {{"expected_stdout": "42"}}}}]}}

Each line of FILE is a ScoreRequest in proto3 JSON; expected_stdout and
expectedStdout are the same field. Answers come in order of completion and are
matched by id; a job without one is called line-N. A line that is no job, and a
job that cannot be run, are answered with `rejected`, and the run goes on.
With --json nothing but answers is on stdout, one ScoreResponse a line.
{EXITS}
The highest that applies is the one: a fault outranks a bad job.
"""


@click.command("score", cls=Verb, epilog=_EPILOG)
@click.argument("file", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--server", metavar="ADDRESS", help="Score on a running server.  [a server inside this process]")
@cells_option
@home_option
@json_option("Print answers as JSON, one a line.")
def score(file: str, server: str | None, cells: int | None, home: Path | None, as_json: bool) -> int:
    """Judges every job of FILE."""
    from sandbox.cli.jobs import open_jobs
    from sandbox.cli.over import over
    from sandbox.cli.scorer import open_scorer
    from sandbox.cli.tally import Tally

    tally, scorer = Tally(), open_scorer(server, cells, home)
    with open_jobs(file) as jobs:
        empty = UsageError(f"{file} holds no jobs", why="nothing was judged", fix="one job in JSON on each line")
        work = _score(jobs, scorer, tally, as_json)
        return over(work, tally, lambda: _report(tally, as_json), empty)


def _report(tally: Tally, as_json: bool) -> None:
    """What people read at the end."""
    if as_json:
        return
    from sandbox.cli.tables import score_table

    render.show(score_table(tally))
    render.line(tally.summary())


async def _score(jobs: BinaryIO, scorer: AbstractAsyncContextManager[Scorer], tally: Tally, as_json: bool) -> None:
    from sandbox.cli.answers import answer_line
    from sandbox.cli.feed import feed
    from sandbox.cli.flow import score_all
    from sandbox.cli.jobs import Job, read_jobs, size_of
    from sandbox.v1.verdict_pb2 import ScoreResponse

    with render.progress(size_of(jobs), quiet=as_json and render.on_terminal()) as update:

        def answered(job: Job, answer: ScoreResponse) -> None:
            tally.add(job, answer)
            if as_json:
                render.write(answer_line(answer))
            update(tally.bytes, tally.pace())

        async with scorer as where:
            tally.start()
            await score_all(feed(read_jobs(jobs)), where, answered)

"""`sandbox admit`: which problems of a set may be trained on."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import UsageError
from sandbox.cli.verb import Verb, cells_option, home_option, json_option

if TYPE_CHECKING:
    from sandbox.admission import Options
    from sandbox.cli.admitting import Census
    from sandbox.cli.flow import Scorer

_EPILOG = """
examples:
  sandbox admit problems.jsonl
  sandbox admit problems.jsonl --out admitted.jsonl
  sandbox admit HumanEval.jsonl.gz --runs 5 --json > reports.jsonl

a problem (on one line; keys beside "request" are passed over):
  {"request": {"id": "a", "program": {"language": "python", "source": "..."},
               "tests": [{"stdio": {"stdin": "1", "expected_stdout": "2"}}]}}

Its program has to be the right one. A ScoreRequest alone is taken, too, and so
are rows in the shape of HumanEval and MBPP. A problem is admitted when

  - the right program passes every one of --runs runs, with fresh seeds
  - programs that do nothing, echo their input, or give one fixed answer that
    the tests expect often fail, and no fixed answer passes too many tests
  - no test is passed by all of them, fails at random, or is passed by nobody

Weak programs exist for stdio tests in python, c and cpp, and for call and
asserts tests in python; where there are none, the report says so.

With --json nothing but reports is on stdout, one object a line, in the order
of FILE: id, admitted (null where a fault of ours left it open), reasons,
notes, faults, tests with flags, runs.

exit codes:
  0  all admitted    1  not all admitted    2  bad usage, or no problem
  3  a fault of ours: it is no reason against a problem
"""


@click.command("admit", cls=Verb, epilog=_EPILOG)
@click.argument("file", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--runs", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs of the right program.")
@click.option(
    "--max-constant",
    type=click.FloatRange(0.0, 1.0),
    metavar="SHARE",
    default=0.2,
    show_default=True,
    help="The largest share of the tests that one fixed answer may pass, where it passes more than one.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the lines that are admitted there.")
@click.option("--server", metavar="ADDRESS", help="Use a running server.  [a server inside this process]")
@cells_option
@home_option
@json_option("Print reports as JSON, one a line.")
def admit(
    file: str,
    runs: int,
    max_constant: float,
    out: Path | None,
    server: str | None,
    cells: int | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """Finds the problems of FILE that may be trained on."""
    from sandbox.admission import Options
    from sandbox.cli.admitting import Census, written_to
    from sandbox.cli.jobs import open_jobs
    from sandbox.cli.over import over
    from sandbox.cli.scorer import open_scorer

    census, scorer = Census(), open_scorer(server, cells, home)
    with open_jobs(file) as problems, written_to(out, file) as admitted:
        work = _admit(problems, file, scorer, Options(runs, max_constant), census, admitted, as_json)
        empty = UsageError(
            f"{file} holds no problems", why="nothing was examined", fix="one problem in JSON on each line"
        )
        return over(work, census, lambda: _report(census, as_json), empty)


def _report(census: Census, as_json: bool) -> None:
    """What people read at the end."""
    if as_json:
        return
    from sandbox.cli.tables import admission_table

    render.show(admission_table(census.reports, census.hidden))
    render.line(census.summary())


async def _admit(
    problems: BinaryIO,
    name: str,
    scorer: AbstractAsyncContextManager[Scorer],
    options: Options,
    census: Census,
    admitted: BinaryIO | None,
    as_json: bool,
) -> None:
    from sandbox.admission import Report, report_data
    from sandbox.cli.admitting import examine_all
    from sandbox.cli.feed import feed
    from sandbox.cli.jobs import size_of
    from sandbox.cli.proposals import Line, read_proposals

    compressed = name.endswith(".gz")
    size = None if compressed else size_of(problems)
    with render.progress(size, quiet=as_json and render.on_terminal()) as update:

        def examined(line: Line, report: Report) -> None:
            census.add(line, report)
            if admitted is not None and report.admitted:
                admitted.write(line.text.rstrip(b"\r\n") + b"\n")
            if as_json:
                render.write(json.dumps(report_data(report), separators=(",", ":")).encode() + b"\n")
            update(census.bytes, census.pace())

        async with scorer as where:
            await examine_all(feed(read_proposals(problems, compressed)), where, options, examined)

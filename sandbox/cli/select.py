"""`sandbox select`: the best of many programs, by how they behave."""

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
    from sandbox.cli.matrices import Ask
    from sandbox.cli.picked import Picked

_EPILOG = """
examples:
  sandbox select problems.jsonl --k 3 --inputs 20
  sandbox select problems.jsonl --method codet --json > reports.jsonl
  sandbox select problems.jsonl --method mbr --out picks.jsonl

a problem (on one line; other keys are passed over):
  {"id": "a", "programs": ["print(int(input()) * 2)", "print(4)"],
   "examples": [{"input": "2", "output": "4"}], "inputs": ["3", "-1"]}

A program is its source, or {"source": ..., "language": ...}. Programs that
fail an example take no part; of the others

  alphacode   those that behave alike on the inputs are clusters, and one
              program of each of the largest is picked
  codet       those that pass the same "generated_tests" are a set, and its
              score is its size times the number of these tests; codet-sqrt
              takes the root of its size
  mbr         the one that disagrees least with the others is picked;
              mbr-share takes the share of inputs on which two differ

Inputs are text, lists of arguments for "entry_point", or tests. --inputs
makes some out of the examples': numbers by one more or less, 0, negative,
large; strings empty or doubled; lists shortened, permuted or doubled.
Hidden "tests" are for n@k alone: the share of problems that the n picks of
k programs solve, with the middle 95 % of 2000 draws of problems.

With --json nothing but reports is on stdout, one object a line, in the order
of FILE. Cells that are faults of ours are left out and counted.

exit codes:
  0  every problem has a pick, and one passes the hidden tests if there are any
  1  not so    2  bad usage, or a line that is no problem
  3  a fault of ours leaves a problem undecided
"""


@click.command("select", cls=Verb, epilog=_EPILOG)
@click.argument("file", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--method",
    type=click.Choice(["alphacode", "codet", "codet-sqrt", "mbr", "mbr-share"]),
    default="alphacode",
    show_default=True,
    help="How to choose.",
)
@click.option("--k", type=click.IntRange(1), metavar="N", default=1, show_default=True, help="Picks for each problem.")
@click.option(
    "--inputs", type=click.IntRange(0, 1000), metavar="N", default=0, show_default=True, help="Inputs to make."
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", default=0, show_default=True, help="Of inputs, and of `random`."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the picks there, one problem a line."
)
@click.option("--server", metavar="ADDRESS", help="Use a running server.  [a server inside this process]")
@cells_option
@home_option
@json_option("Print reports as JSON, one a line.")
def select(
    file: str,
    method: str,
    k: int,
    inputs: int,
    seed: int,
    out: Path | None,
    server: str | None,
    cells: int | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """Picks the best of each problem's programs."""
    from sandbox.cli.admitting import written_to
    from sandbox.cli.jobs import open_jobs
    from sandbox.cli.matrices import open_matrices
    from sandbox.cli.over import over
    from sandbox.cli.picked import Picked
    from sandbox.cli.selecting import Options

    picked, matrices = Picked(Options(method, k, inputs, seed)), open_matrices(server, cells, home)
    with open_jobs(file) as problems, written_to(out, file) as picks:
        empty = UsageError(f"{file} holds no problems", why="nothing was run", fix="one problem in JSON on each line")
        work = _select(problems, matrices, picked, picks, as_json)
        return over(work, picked, lambda: _report(picked, as_json), empty)


def _report(picked: Picked, as_json: bool) -> None:
    """What people read at the end."""
    if as_json:
        return
    from sandbox.cli.tables import selection_table

    render.show(selection_table(picked.reports, picked.hidden))
    render.line(picked.summary())


async def _select(
    problems: BinaryIO,
    matrices: AbstractAsyncContextManager[Ask],
    picked: Picked,
    picks: BinaryIO | None,
    as_json: bool,
) -> None:
    from sandbox.cli.candidates import Line, read_candidates
    from sandbox.cli.feed import feed
    from sandbox.cli.jobs import size_of
    from sandbox.cli.picked import report_data
    from sandbox.cli.plain import json_line
    from sandbox.cli.selecting import Report, select_all

    with render.progress(size_of(problems), quiet=as_json and render.on_terminal()) as update:

        def selected(line: Line, report: Report) -> None:
            picked.add(line, report)
            if picks is not None and report.selection is not None:
                picks.write(json.dumps({"id": report.id, "programs": report.picks}).encode() + b"\n")
            if as_json:
                render.write(json_line(report_data(report, picked.options)))
            update(picked.bytes, picked.pace())

        async with matrices as ask:
            await select_all(feed(read_candidates(problems)), ask, picked.options, selected)

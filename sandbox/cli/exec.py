"""`sandbox exec`: one program, run once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, FaultReport
from sandbox.cli.verb import Verb, home_option, json_option, settings_given

if TYPE_CHECKING:
    from sandbox.catalog import Catalog
    from sandbox.v1.job_pb2 import ScoreRequest
    from sandbox.v1.verdict_pb2 import ScoreResponse, Verdict

_EPILOG = """
examples:
  sandbox exec hello.py
  sandbox exec sort.cpp < numbers.txt
  sandbox exec tool.py --policy strict -- --verbose 3

The program runs under the policy's limits, without network, and sees no file
of this machine. It gets all of stdin at once; at a terminal, Ctrl-D ends it.
What it printed comes out as it is, followed by one line on stderr.

exit codes:
  0  it ended by itself, with exit code 0    1  it did not, or does not compile
  2  bad usage                               3  a fault of ours: it was not run
"""


@click.command("exec", cls=Verb, epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("arguments", metavar="[-- ARGS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--language", default="", metavar="NAME", help="Its runtime.  [by the ending of its name]")
@click.option("--policy", default="", metavar="NAME", help="What it may use.  [default]")
@home_option
@json_option("Print the whole answer as one JSON line, in place of the program's output.")
def execute(
    file: Path, arguments: tuple[str, ...], language: str, policy: str, home: Path | None, as_json: bool
) -> int:
    """Runs one program, with the input that comes on stdin."""
    from sandbox.catalog import Catalog
    from sandbox.cli import loop
    from sandbox.cli.program import language_of, request_for
    from sandbox.doctor import preflight
    from sandbox.policies import load_policies
    from sandbox.settings import Settings

    catalog = Catalog(policies=load_policies(Settings().policies))
    name = language_of(file, language, catalog.runtimes)
    limits = catalog.policy(policy).limits
    preflight()
    # Before the event loop runs: a read that waits for a person has to end at Ctrl-C.
    request = request_for(file, name, arguments, _stdin(), policy)
    request.output_clip_bytes = min(limits.output_bytes, 2**32 - 1)
    answer = loop.run(_run(request, catalog, home))
    if as_json:
        from sandbox.cli.answers import answer_line

        render.write(answer_line(answer))
    elif answer.WhichOneof("outcome") == "verdict":
        _print_run(answer.verdict)
    if answer.WhichOneof("outcome") == "fault":
        raise FaultReport(answer.fault.message, why="the program was not judged", fix="sandbox doctor")
    return Exit.ACCEPTED if _ended_well(answer.verdict) else Exit.NOT_ACCEPTED


async def _run(request: ScoreRequest, catalog: Catalog, home: Path | None) -> ScoreResponse:
    from sandbox.cli.embedded import untested
    from sandbox.settings import Settings

    async with untested(Settings(cells=1, warm=(), **settings_given(home=home)), catalog) as pipeline:
        return await pipeline.score(request)


def _stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        return b""
    if sys.stdin.isatty():
        render.note("reading its input from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read()


def _ended_well(verdict: Verdict) -> bool:
    """Nothing is expected of it, so what it printed is never wrong."""
    from sandbox.v1 import verdict_pb2

    return verdict.status in (verdict_pb2.ACCEPTED, verdict_pb2.WRONG_ANSWER)


def _print_run(verdict: Verdict) -> None:
    from sandbox.v1.verdict_pb2 import Status

    test = verdict.tests[0]
    if verdict.build.messages:
        render.write_error(verdict.build.messages.rstrip("\n").encode() + b"\n")
    if verdict.HasField("build") and not verdict.build.ok:
        render.note("COMPILE_ERROR; it was not run")
        return
    render.write(test.stdout_bytes or test.stdout.encode())
    render.write_error(test.stderr_bytes or test.stderr.encode())
    if _ended_well(verdict):
        ending = "ended with exit code 0"
    else:
        ending = Status.Name(verdict.status)
        if test.detail:
            ending += f": {test.detail}"
    spent = f"cpu {test.cpu_ms:.0f} ms, wall {test.wall_ms:.0f} ms, memory {test.peak_memory_bytes / 2**20:.1f} MiB"
    render.note(f"{render.clean(ending)}; {spent}")

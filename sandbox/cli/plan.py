"""`sandbox plan`: what would run, without running it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import UsageError
from sandbox.cli.verb import Verb, json_option

if TYPE_CHECKING:
    from sandbox.v1.job_pb2 import ScoreRequest

_EPILOG = """
examples:
  sandbox plan hello.py
  sandbox plan sort.cpp --policy strict -- --verbose
  sandbox plan jobs.jsonl --id job-7 --json | jq .cell.root

FILE is a program, or jobs as `sandbox score` takes them (its name ends in .json
or .jsonl; - is stdin). Nothing is started, built or written, and no privileges
are needed. Expected answers are not in a plan: no jail ever sees them.

exit codes: 0 planned, 2 bad usage or a bad job, 3 a data file of ours is wrong
"""


@click.command("plan", cls=Verb, epilog=_EPILOG)
@click.argument("file", metavar="FILE|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.argument("arguments", metavar="[-- ARGS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--language", default="", metavar="NAME", help="Of a program: its runtime.  [by the ending of its name]")
@click.option("--policy", default="", metavar="NAME", help="Of a program: what it may use.  [default]")
@click.option("--id", "job_id", default="", metavar="ID", help="Of jobs: which one.  [the first]")
@json_option("Print the whole plan as JSON.")
def plan(file: str, arguments: tuple[str, ...], language: str, policy: str, job_id: str, as_json: bool) -> int:
    """Shows what would run, without running it."""
    from sandbox.catalog import Catalog
    from sandbox.check import check_request
    from sandbox.cli.planned import planned
    from sandbox.cli.program import language_of, request_for
    from sandbox.policies import load_policies
    from sandbox.settings import Settings

    catalog = Catalog(policies=load_policies(Settings().policies))
    if file == "-" or Path(file).suffix in (".json", ".jsonl"):
        if language or policy or arguments:
            raise UsageError("a job has its own language, policy and arguments", fix="change them in the job")
        request = _job(file, job_id)
    else:
        if job_id:
            raise UsageError(f"{file} is a program, and holds no job {job_id!r}", fix="leave --id out")
        name = language_of(Path(file), language, catalog.runtimes)
        request = request_for(Path(file), name, arguments, b"", policy)
    _refuse_ref(request)
    data = planned(check_request(request, request.tests, catalog))
    if as_json:
        render.as_json(data)
    else:
        from sandbox.cli.plan_text import plan_text

        render.show(plan_text(data))
    return 0


def _job(file: str, job_id: str) -> ScoreRequest:
    """The first job, or the one with that id. Raises JobError when it is a bad one."""
    from sandbox.cli.jobs import open_jobs, read_jobs

    with open_jobs(file) as jobs:
        for job in read_jobs(jobs):
            if job_id in ("", job.id):
                if job.error is not None:
                    raise job.error
                assert job.request is not None
                return job.request
    raise UsageError(f"{file} holds no job {job_id!r}" if job_id else f"{file} holds no jobs")


def _refuse_ref(request: ScoreRequest) -> None:
    if request.tests_ref:
        raise UsageError("the job names its tests by tests_ref", why="only the server has them", fix="write them out")

"""`sandbox doctor`: can this machine jail programs?"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.verb import Verb, home_option, json_option, settings_given

if TYPE_CHECKING:
    from sandbox.doctor import Report, Result
    from sandbox.settings import Settings

_EPILOG = """
examples:
  sandbox doctor
  sandbox doctor --json       to attach to a report

Each check proves its point by doing: a namespace is made, a program is killed
at its memory limit, a fork bomb is let loose in a jail. Fixes are printed, none
is applied. A check that could not be tried is skipped, which is not ok.
Those from `branches` to `go` are of workspaces; scoring needs none of them.

exit codes: 0 all checks passed, 1 one failed, 2 bad usage
"""


@click.command("doctor", cls=Verb, epilog=_EPILOG)
@home_option
@json_option("Print one document with every check and the summary.")
def doctor(home: Path | None, as_json: bool) -> int:
    """Proves that this machine can jail programs, or says why not."""
    from sandbox.cli import loop
    from sandbox.doctor import Report
    from sandbox.settings import Settings, state_in

    given = settings_given(home=home, state=home and state_in(home))
    begun, report = time.monotonic(), Report()
    loop.run(_examine(Settings(cells=1, warm=(), **given), report, as_json))
    seconds = time.monotonic() - begun
    if as_json:
        render.as_json(_as_data(report, seconds))
    else:
        render.line(f"{report.summary()}  ({seconds:.1f} s)")
    return 0 if report.ok else 1


async def _examine(settings: Settings, report: Report, quiet: bool) -> None:
    from sandbox.cli.tables import check_text
    from sandbox.doctor import examine

    async for result in examine(settings, report):
        if not quiet:
            render.show(check_text(result))


def _as_data(report: Report, seconds: float) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "seconds": round(seconds, 3),
        "checks": [_check(result) for result in report.results],
        "works": report.works,
        "summary": report.summary(),
    }


def _check(result: Result) -> dict[str, Any]:
    return {**asdict(result), "status": result.status.value, "ms": round(result.ms, 1)}

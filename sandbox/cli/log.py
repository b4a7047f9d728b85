"""`sandbox log`: what was done, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import ListActionsRequest, ListActionsResponse

_EPILOG = """
examples:
  sandbox log
  sandbox log --workspace . --limit 5
  sandbox log --json | jq -r '.actions[] | select(.status == "HELD").id'
  sandbox log --cloudevents - | collector
  sandbox log --otlp spans.jsonl --workspace .

exit codes: 0 done, 2 bad usage, 3 a fault of ours
"""


@click.command("log", cls=Verb, epilog=_EPILOG)
@click.option("--workspace", default="", metavar="DIR", help="Only of this folder.")
@click.option("--branch", default="", metavar="NAME", help="Only of this branch.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--cloudevents", metavar="FILE", help="Write all records as CloudEvents instead; - for stdout.")
@click.option("--otlp", metavar="FILE", help="Write all actions as OTLP spans instead; - for stdout.")
@server_option
@json_option("Print one JSON object: actions, each with all that is known of it.")
def log(
    workspace: str,
    branch: str,
    limit: int,
    cloudevents: str | None,
    otlp: str | None,
    server: str | None,
    as_json: bool,
) -> int:
    """Lists actions, newest first."""
    if cloudevents is not None or otlp is not None:
        return _export(workspace, branch, cloudevents, otlp, server, as_json)
    from sandbox.cli import loop
    from sandbox.cli.acting import checked, utf8
    from sandbox.v1 import action_pb2

    folder = str(Path(workspace).resolve()) if workspace and server is None else workspace
    request = action_pb2.ListActionsRequest(
        workspace=utf8("--workspace", folder), branch=utf8("--branch", branch), limit=limit
    )
    found = loop.run(_list(checked(request), server))
    if as_json:
        from sandbox.cli.plain import json_line, plain

        render.write(json_line(plain(found)))
    elif found.actions:
        from sandbox.cli.action_text import actions_table

        render.show(actions_table(found.actions))
    else:
        render.note("no actions")
    return Exit.ACCEPTED


def _export(
    workspace: str, branch: str, cloudevents: str | None, otlp: str | None, server: str | None, as_json: bool
) -> int:
    from sandbox.cli.journal_export import export

    if server is not None:
        raise UsageError(
            "--cloudevents and --otlp read the journal itself",
            why="a server tells of actions, not of records",
            fix="run it where the journal lies, as who owns it",
        )
    if branch or as_json or (cloudevents == otlp == "-"):
        raise UsageError("an export is of whole workspaces, and one goes to stdout", fix="leave the other options out")
    export(cloudevents, otlp, str(Path(workspace).resolve()) if workspace else "")
    return Exit.ACCEPTED


async def _list(request: ListActionsRequest, server: str | None) -> ListActionsResponse:
    from sandbox.cli.acting import open_acting

    async with open_acting(server) as actions:
        return await actions.list_actions(request)

"""`sandbox diff`: what an action changed, resource by resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit
from sandbox.cli.verb import Verb, action_options, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import DiffResponse

_EPILOG = """
examples:
  sandbox diff 7f3a
  sandbox diff 7f3a --json | jq -r '.effects[].resource'

Files come as a unified diff where they are text, and with sizes and digests
where they are not; beside it mode, owner, mtime and attributes that changed.
Rows come as tables, requests with what is known of them. Names are escaped:
nothing in them reaches the terminal as it is. With --json, `pre` and `post`
of each effect are what its backend recorded.

exit codes: 0 done, 2 bad usage or no such action, 3 a fault of ours
"""
TEXT_BYTES = 64 << 10


@click.command("diff", cls=Verb, epilog=_EPILOG)
@action_options
@server_option
@json_option("Print action and effects as one JSON object.")
def diff(name: str | None, option: str | None, server: str | None, as_json: bool) -> int:
    """Shows an action's effects: what was there before, and what after."""
    from sandbox.cli import loop
    from sandbox.cli.acting import one_action

    found = loop.run(_diff(one_action(name, option), server))
    if as_json:
        from sandbox.cli.plain import json_line, plain

        render.write(json_line(plain(found)))
    elif found.effects:
        from sandbox.cli.diff_text import diff_text

        for piece in diff_text(found.effects):
            render.show(piece)
    else:
        render.note("it changed nothing")
    return Exit.ACCEPTED


async def _diff(name: str, server: str | None) -> DiffResponse:
    from sandbox.cli.acting import checked, open_acting
    from sandbox.v1 import action_pb2

    request = checked(action_pb2.DiffRequest(id=name, text_bytes=TEXT_BYTES))
    async with open_acting(server) as actions:
        return await actions.diff(request)

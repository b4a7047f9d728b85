"""`sandbox show`: one action."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit
from sandbox.cli.verb import Verb, action_options, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Action

_EPILOG = """
examples:
  sandbox show 7f3a
  sandbox show --action 7f3a --json

An id may be given by any beginning of it that only one action has.

exit codes: 0 done, 2 bad usage or no such action, 3 a fault of ours
"""


@click.command("show", cls=Verb, epilog=_EPILOG)
@action_options
@server_option
@json_option("Print it as one JSON object.")
def show(name: str | None, option: str | None, server: str | None, as_json: bool) -> int:
    """Shows one action: what became of it, and what can be done with it."""
    from sandbox.cli import loop
    from sandbox.cli.acting import one_action

    action = loop.run(_get(one_action(name, option), server))
    if as_json:
        from sandbox.cli.plain import json_line, plain

        render.write(json_line(plain(action)))
    else:
        from sandbox.cli.action_text import action_text

        render.show(action_text(action, server))
    return Exit.ACCEPTED


async def _get(name: str, server: str | None) -> Action:
    from sandbox.cli.acting import checked, open_acting
    from sandbox.v1 import action_pb2

    request = checked(action_pb2.GetActionRequest(id=name))
    async with open_acting(server) as actions:
        return await actions.get(request)

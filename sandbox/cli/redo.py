"""`sandbox redo`: applies again what was undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli.verb import Verb, action_options, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import TransitionResponse

_EPILOG = """
examples:
  sandbox redo 7f3a
  sandbox redo --action 7f3a --json

No code is run: the recorded effects are applied, as a new action that cites
the old one.

exit codes:
  0  done    1  a conflict: nothing was changed
  2  bad usage, no such action, or one that is not undone
  3  a fault of ours
"""


@click.command("redo", cls=Verb, epilog=_EPILOG)
@action_options
@server_option
@json_option("Print the outcome as one JSON object.")
def redo(name: str | None, option: str | None, server: str | None, as_json: bool) -> int:
    """Applies the effects of an undone action again."""
    from sandbox.cli import loop
    from sandbox.cli.acting import one_action
    from sandbox.cli.transition import report

    return report(loop.run(_redo(one_action(name, option), server)), "redone", server, as_json)


async def _redo(name: str, server: str | None) -> TransitionResponse:
    from sandbox.cli.acting import checked, open_acting
    from sandbox.v1 import action_pb2

    request = checked(action_pb2.RedoRequest(id=name))
    async with open_acting(server) as actions:
        return await actions.redo(request)

"""`sandbox commit`: what is held becomes what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit
from sandbox.cli.verb import Verb, action_options, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import TransitionResponse

_EPILOG = """
examples:
  sandbox commit 7f3a
  sandbox commit 7f3a --yes --json

All of it is applied, or nothing: where somebody else changed the same thing
meanwhile, the differences are listed and nothing is changed. Committing twice
is committing once. At a terminal it asks first.

exit codes:
  0  committed    1  a conflict, or not wanted: nothing was changed
  2  bad usage or no such action    3  a fault of ours
"""


@click.command("commit", cls=Verb, epilog=_EPILOG)
@action_options
@click.option("--yes", is_flag=True, help="Ask nothing.")
@server_option
@json_option("Print the outcome as one JSON object.")
def commit(name: str | None, option: str | None, yes: bool, server: str | None, as_json: bool) -> int:
    """Leads the workspace to what an action left."""
    from sandbox.cli import loop
    from sandbox.cli.acting import one_action
    from sandbox.cli.transition import agreed, looked_up, report

    action = one_action(name, option)
    # The journal is let go while a person thinks.
    if not yes and render.may_ask() and not agreed("commit it?", loop.run(looked_up(action, server))):
        return Exit.NOT_ACCEPTED
    return report(loop.run(_commit(action, server)), "committed", server, as_json)


async def _commit(name: str, server: str | None) -> TransitionResponse:
    from sandbox.cli.acting import checked, open_acting
    from sandbox.v1 import action_pb2

    request = checked(action_pb2.CommitRequest(id=name))
    async with open_acting(server) as actions:
        return await actions.commit(request)

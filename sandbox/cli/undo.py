"""`sandbox undo`: takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, action_options, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import TransitionResponse, UndoRequest

_EPILOG = """
examples:
  sandbox undo 7f3a
  sandbox undo 7f3a --dry-run              what would be taken back?
  sandbox undo 7f3a --cascade --yes        later writers of the same, too
  sandbox undo --to 7f3a                   all that was committed after it
  sandbox undo --branch try-1              a branch, with all held in it

A held action is dropped; a committed one is taken back from its pre-images,
and looked at again. Where somebody else changed the same thing meanwhile, the
differences are listed and nothing is changed. At a terminal it asks before
anything committed is undone.

exit codes:
  0  taken back, or there was nothing to take back
  1  a conflict, or not wanted: nothing was changed
  2  bad usage or no such action    3  a fault of ours
"""


@click.command("undo", cls=Verb, epilog=_EPILOG)
@action_options
@click.option("--to", metavar="ID", help="Everything that was committed after that action, newest first.")
@click.option("--branch", metavar="NAME", help="Discard a branch.")
@click.option("--cascade", is_flag=True, help="Undo later writers of the same resources, too.")
@click.option("--rebase", is_flag=True, help="Undo them, and apply them again afterwards.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@server_option
@json_option("Print the outcome as one JSON object.")
def undo(
    name: str | None,
    option: str | None,
    to: str | None,
    branch: str | None,
    cascade: bool,
    rebase: bool,
    dry_run: bool,
    yes: bool,
    server: str | None,
    as_json: bool,
) -> int:
    """Takes back an action, all after one, or a branch."""
    from sandbox.cli import loop
    from sandbox.cli.acting import checked, utf8
    from sandbox.cli.transition import report
    from sandbox.v1 import action_pb2

    given = [each for each in (name, option, to, branch) if each is not None]
    if len(given) != 1:
        raise UsageError(
            "what to undo has to be named, once",
            fix="sandbox undo ID, --to ID or --branch NAME; `sandbox log` lists actions",
        )
    if cascade and rebase:
        raise UsageError("--cascade and --rebase exclude each other", fix="give one of them")
    request = action_pb2.UndoRequest(
        id=utf8("the id", name or option or ""),
        to=utf8("--to", to or ""),
        branch=utf8("--branch", branch or ""),
        later="CASCADE" if cascade else "REBASE" if rebase else "REFUSE",
        dry_run=dry_run,
    )
    checked(request)
    if not yes and not dry_run and render.may_ask() and not _agreed(request, server):
        return Exit.NOT_ACCEPTED
    answer = loop.run(_undo(request, server))
    dropped = bool(branch) or (not to and answer.action.status == action_pb2.Action.DISCARDED)
    return report(answer, "dropped" if dropped else "undone", server, as_json, dry_run=dry_run, many=bool(to or branch))


def _agreed(request: UndoRequest, server: str | None) -> bool:
    """Asks, where something committed would be undone. What is held is nobody's yet."""
    from sandbox.cli import loop
    from sandbox.cli.transition import agreed, looked_up
    from sandbox.v1 import action_pb2

    if request.branch:
        return True
    found = loop.run(looked_up(request.id or request.to, server))
    if request.to:
        return agreed("undo everything that was committed after it?", found)
    return found.action.status != action_pb2.Action.COMMITTED or agreed("undo it?", found)


async def _undo(request: UndoRequest, server: str | None) -> TransitionResponse:
    from sandbox.cli.acting import open_acting

    async with open_acting(server) as actions:
        return await actions.undo(request)

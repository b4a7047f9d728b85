"""`sandbox verify`: proves the journal, and that the world is where an action left it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, json_option, server_option

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import VerifyRequest, VerifyResponse

_EPILOG = """
examples:
  sandbox verify
  sandbox verify 7f3a                      and is the world as it left it?
  sandbox verify --json | jq -r .checkpoint > kept
  sandbox verify --checkpoint kept         nothing that it covers is missing

Every record, the tree over them and the signed checkpoints are computed anew.
A checkpoint that is kept elsewhere proves that nothing was cut off or changed.

exit codes:
  0  all of it holds    1  it does not, and what is wrong is listed
  2  bad usage          3  a fault of ours
"""
_CHECKPOINT_BYTES = 64 << 10
_LISTED = 100


@click.command("verify", cls=Verb, epilog=_EPILOG)
@click.argument("name", metavar="[ACTION]", required=False)
@click.option("--action", "option", metavar="ID", help="The action, in place of ACTION.")
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere.",
)
@server_option
@json_option("Print what was found as one JSON object.")
def verify(name: str | None, option: str | None, checkpoint: Path | None, server: str | None, as_json: bool) -> int:
    """Proves the journal; with an action the world, too."""
    from sandbox.cli import loop
    from sandbox.cli.acting import checked, one_action
    from sandbox.v1 import action_pb2

    request = action_pb2.VerifyRequest(
        id="" if name is None and option is None else one_action(name, option),
        checkpoint="" if checkpoint is None else _read(checkpoint),
    )
    found = loop.run(_verify(checked(request), server))
    if as_json:
        from sandbox.cli.plain import json_line, plain

        render.write(json_line(plain(found)))
    else:
        _print(found)
    return Exit.ACCEPTED if found.ok and not found.differences else Exit.NOT_ACCEPTED


async def _verify(request: VerifyRequest, server: str | None) -> VerifyResponse:
    from sandbox.cli.acting import open_acting

    async with open_acting(server) as actions:
        return await actions.verify(request)


def _print(found: VerifyResponse) -> None:
    well = "ok" if found.ok and not found.differences else "NOT ok"
    render.line(f"{well}: {found.records:,} records, root {render.escaped(found.root) or '–'}")
    differences = [f"{each.resource}: {each.facet} is {each.found}, not {each.expected}" for each in found.differences]
    said = [*found.problems, *differences]
    for each in said[:_LISTED]:
        render.line(f"  {render.escaped(each)}")
    if len(said) > _LISTED:
        render.line(f"  … and {len(said) - _LISTED:,} more; --json prints all")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_CHECKPOINT_BYTES + 1)
    try:
        if len(data) <= _CHECKPOINT_BYTES:
            return data.decode()
    except UnicodeDecodeError:
        pass
    raise UsageError(f"{path} is no checkpoint", why="a checkpoint is a short text", fix="sandbox verify --json")

"""`sandbox recover`: finishes or takes back what was cut short."""

from __future__ import annotations

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit
from sandbox.cli.verb import Verb, json_option

_EPILOG = """
examples:
  sandbox recover
  sandbox recover --json

Every verb does this first. It is of use by itself after a crash, to see what
was found. Actions of a server that still runs are the server's own.

exit codes: 0 done, 2 bad usage, 3 a fault of ours
"""


@click.command("recover", cls=Verb, epilog=_EPILOG)
@json_option("Print one JSON object: recovered, a sentence for each.")
def recover(as_json: bool) -> int:
    """Finds out what became of actions that were cut short."""
    from sandbox.cli import loop

    found = loop.run(_recover())
    if as_json:
        from sandbox.cli.plain import json_line

        render.write(json_line({"recovered": found}))
    for each in found if not as_json else ():
        render.line(render.escaped(each))
    if not found and not as_json:
        render.note("nothing was cut short")
    return Exit.ACCEPTED


async def _recover() -> list[str]:
    from sandbox.cli.acting import own

    async with own() as actions:
        return await actions.recover()

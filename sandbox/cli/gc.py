"""`sandbox gc`: lets go of what is past its time."""

from __future__ import annotations

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit
from sandbox.cli.verb import Verb, json_option

_EPILOG = """
examples:
  sandbox gc
  sandbox gc --json

Held actions whose time ran out are dropped. Pre-images past their time go, and
their actions are `expired`: they can no longer be undone. The journal says so.

exit codes: 0 done, 2 bad usage, 3 a fault of ours
"""


@click.command("gc", cls=Verb, epilog=_EPILOG)
@json_option("Print one JSON object: dropped, the counts by name.")
def gc(as_json: bool) -> int:
    """Drops held actions and pre-images that are past their time."""
    from sandbox.cli import loop

    found = loop.run(_gc())
    if as_json:
        from sandbox.cli.plain import json_line

        render.write(json_line({"dropped": found}))
    else:
        render.line(", ".join(f"{render.escaped(name)}: {count:,}" for name, count in found.items()) or "nothing")
    return Exit.ACCEPTED


async def _gc() -> dict[str, int]:
    from sandbox.cli.acting import own

    async with own() as actions:
        return await actions.collect_garbage()

"""`sandbox rescore`: another scheme over verdicts that the journal holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.table import Table
from rich.text import Text

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, json_option

if TYPE_CHECKING:
    from sandbox.undo.runtime import Rescored

_EPILOG = """
examples:
  sandbox rescore --scheme fraction --all
  sandbox rescore --scheme fraction --params '{"floor": 0.1}' 7f3a 81bc

Nothing is run: the evidence in the journal is scored again, and the rewards
that were given stay as they are. A fault has no reward under any scheme.

exit codes: 0 done, 2 bad usage, no such action or scheme, 3 a fault of ours
"""


@click.command("rescore", cls=Verb, epilog=_EPILOG)
@click.argument("names", metavar="[ACTION]...", nargs=-1)
@click.option("--scheme", required=True, metavar="NAME", help="The scheme.")
@click.option("--params", default="{}", metavar="JSON", help="Its parameters, as a JSON object.")
@click.option("--all", "everything", is_flag=True, help="Every action that has a verdict.")
@json_option("Print one JSON object: scheme, and rescored with the reward before and after.")
def rescore(names: tuple[str, ...], scheme: str, params: str, everything: bool, as_json: bool) -> int:
    """Scores verdicts of the journal again, under another scheme."""
    from sandbox.cli import loop
    from sandbox.cli.acting import utf8
    from sandbox.undo.bounds import action_id

    if everything == bool(names):
        raise UsageError("name actions, or give --all", fix="sandbox rescore --scheme NAME --all")
    for name in names:
        action_id("id", utf8("the id", name))
    found = loop.run(_rescore(utf8("--scheme", scheme), _object(params), names))
    if as_json:
        from sandbox.cli.plain import json_line

        render.write(json_line({"scheme": scheme, "rescored": [asdict(each) for each in found]}))
    elif found:
        render.show(_table(found))
    else:
        render.note("no verdicts")
    return Exit.ACCEPTED


async def _rescore(scheme: str, params: dict[str, Any], names: Sequence[str]) -> list[Rescored]:
    from sandbox.cli.acting import own

    async with own() as actions:
        return await actions.rescore(scheme, params, names)


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise UsageError("--params is no JSON object", fix="""write it like '{"floor": 0.1}'""")
    return data


def _table(found: Sequence[Rescored]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("action", "before", "after", "why"):
        table.add_column(column, justify="right" if column in ("before", "after") else "left", overflow="fold")
    for each in found:
        table.add_row(
            Text(render.escaped(each.action)), _reward(each.before), _reward(each.after), Text(render.escaped(each.why))
        )
    return table


def _reward(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"

"""`sandbox runtimes`: the languages, and which of them work here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.verb import Verb, home_option, json_option, settings_given

if TYPE_CHECKING:
    from sandbox.catalog import Catalog

_EPILOG = """
examples:
  sandbox runtimes
  sandbox runtimes --json | jq -r '.[] | select(.available) | .name'

A runtime is available when its self-test passes in a jail, so one of each is
run here. --quick only looks whether its tools are installed.

exit codes: 0 listed, 2 bad usage, 3 a data file of ours is wrong
"""


@click.command("runtimes", cls=Verb, epilog=_EPILOG)
@click.option("--quick", is_flag=True, help="Look for the tools only; run no self-test.")
@home_option
@json_option("Print name, language, version, available and why of each.")
def runtimes(quick: bool, home: Path | None, as_json: bool) -> int:
    """Lists languages, with what each lacks."""
    from sandbox.catalog import Catalog

    catalog = Catalog()
    if not quick:
        _prove(catalog, home)
    listed = [_described(name, catalog) for name in catalog.runtimes]
    if as_json:
        render.as_json(listed)
    else:
        from sandbox.cli.tables import runtimes_table

        render.show(runtimes_table(listed))
    return 0


def _prove(catalog: Catalog, home: Path | None) -> None:
    """Withdraws what does not work: where no jail starts, that is everything."""
    from sandbox.cli import loop
    from sandbox.doctor import preflight
    from sandbox.errors import SetupError
    from sandbox.settings import Settings

    try:
        preflight()
    except SetupError as error:
        for name in catalog.offered():
            catalog.withdraw(name, f"no jail can start: {error.subject}", error.fix)
        return
    loop.run(_selftests(catalog, Settings(cells=1, warm=(), **settings_given(home=home))))


async def _selftests(catalog: Catalog, settings: Any) -> None:
    from sandbox.engine import engine, start_spawner

    async with engine(settings, start_spawner(), catalog):
        pass  # it withdraws what fails while it starts


def _described(name: str, catalog: Catalog) -> dict[str, Any]:
    from sandbox.runtimes import Missing

    found = catalog.runtimes[name]
    missing = isinstance(found, Missing)
    return {
        "name": name,
        "language": found.table.language,
        "version": "" if isinstance(found, Missing) else found.version,
        "available": not missing,
        "why": (f"{found.why} ({found.fix})" if found.fix else found.why) if isinstance(found, Missing) else "",
    }

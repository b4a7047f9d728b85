"""`sandbox runtimes`: the languages, and which of them work here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.verb import Family, Verb, home_option, json_option, settings_given

if TYPE_CHECKING:
    from sandbox.catalog import Catalog

_EPILOG = """
examples:
  sandbox runtimes
  sandbox runtimes install go rust
  sandbox runtimes --json | jq -r '.[] | select(.available) | .name'

A runtime is available when its self-test passes in a jail, so one of each is
run here. --quick only looks whether its tools are installed.

exit codes: 0 listed, 2 bad usage, 3 a data file of ours is wrong
"""

_INSTALL_EPILOG = """
examples:
  sandbox runtimes install go rust
  sandbox runtimes install java --dry-run

Root on Debian and what is made of it may install; elsewhere the command is
printed, to be run by whoever may. A server offers what is new when it starts
again.

exit codes: 0 installed, or there already, 2 no such runtime, 3 it may not
"""


@click.group("runtimes", cls=Family, invoke_without_command=True, epilog=_EPILOG)
@click.option("--quick", is_flag=True, help="Look for the tools only; run no self-test.")
@home_option
@json_option("Print name, language, version, available and why of each.")
@click.pass_context
def runtimes(context: click.Context, quick: bool, home: Path | None, as_json: bool) -> int:
    """Lists languages, with what each lacks, and installs them."""
    if context.invoked_subcommand is not None:
        return 0
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


@runtimes.command("install", cls=Verb, epilog=_INSTALL_EPILOG)
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "every", is_flag=True, help="Every runtime that is missing.")
@click.option("--dry-run", is_flag=True, help="Print the command; install nothing.")
def install(names: tuple[str, ...], every: bool, dry_run: bool) -> int:
    """Installs what runtimes lack, with the system's packages, where it may."""
    from sandbox.cli.exits import UsageError
    from sandbox.cli.installing import install_packages
    from sandbox.errors import nearest
    from sandbox.runtimes import Missing, install_command, load_runtimes

    found = load_runtimes()
    if bool(names) == every:
        raise UsageError("name runtimes, or give --all", fix="sandbox runtimes")
    names = names or tuple(found)
    for name in names:
        if name not in found:
            raise UsageError(f"no runtime is called {name!r}", fix=nearest(name, found))
    lacking = [each.table for name in names if isinstance(each := found[name], Missing)]
    commands = [command for table in lacking if (command := install_command(table))]
    if dry_run:
        for command in commands:
            render.line(" ".join(command))
        return 0
    if commands:
        install_packages(commands)
    for name in names:
        left = load_runtimes()[name]
        render.line(f"{name}: {left.why}" if isinstance(left, Missing) else f"{name}: {left.version}")
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

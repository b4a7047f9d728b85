"""What the help of every verb looks like, and the options that several share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click
from rich.text import Text

Function = TypeVar("Function", bound=Callable[..., Any])

EXITS = """
exit codes:
  0  accepted    1  judged, not all accepted    2  bad usage or a bad job
  3  a fault of ours: nothing of it was scored
"""


def _write_epilog(command: click.Command, formatter: Any) -> None:
    """As it is written: examples and tables lose their shape when they are folded."""
    if command.epilog:
        formatter.write(Text(f"{inspect.cleandoc(command.epilog)}\n", no_wrap=True))


class Verb(click.RichCommand):
    """A verb."""

    def format_epilog(self, ctx: click.Context, formatter: Any) -> None:
        """Writes the epilog."""
        _write_epilog(self, formatter)


class Family(click.RichGroup):
    """Several verbs under one name."""

    def format_epilog(self, ctx: click.Context, formatter: Any) -> None:
        """Writes the epilog."""
        _write_epilog(self, formatter)


def home_option(function: Function) -> Function:
    """--home."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for builds and precompiled headers.  [$SANDBOX_HOME, or ~/.cache/sandbox]",
    )(function)


def cells_option(function: Function) -> Function:
    """--cells."""
    return click.option(
        "--cells", type=click.IntRange(1, 4096), metavar="N", help="Programs that run at one time.  [one for each core]"
    )(function)


def server_option(function: Function) -> Function:
    """--server, of verbs on actions."""
    return click.option("--server", metavar="ADDRESS", help="Act on a running server.  [in this process]")(function)


def action_options(function: Function) -> Function:
    """ACTION, and --action for the same."""
    argument = click.argument("name", metavar="ACTION", required=False)
    return argument(click.option("--action", "option", metavar="ID", help="The action, in place of ACTION.")(function))


def run_argument(function: Function) -> Function:
    """RUN, the folder of a training run."""
    return click.argument("run", metavar="RUN", type=click.Path(exists=True, file_okay=False, path_type=Path))(function)


def json_option(text: str) -> Callable[[Function], Function]:
    """--json, and what it prints."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def settings_given(**values: Any) -> dict[str, Any]:
    """The settings that were given on the command line; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}

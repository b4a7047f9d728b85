"""The only module that prints.

Results go to stdout; errors, warnings and progress to stderr. Colour appears only on a terminal, and never where
NO_COLOR is set. Text that came from programs or jobs is cleaned of control characters first, except where a verb
promises a program's output as it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.cli.exits import ReaderGone
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# Tables that nobody looks at on a terminal are not folded to one.
_WIDE = 200


def clean(text: str) -> str:
    """The text on one line, without anything that a terminal would obey."""
    return "".join(char if char.isprintable() else " " if char in "\t\r\n" else "\ufffd" for char in text)


def block(text: str) -> str:
    """The text with its lines, each of them as `clean` has it; tabs are four columns."""
    return "\n".join(clean(line.expandtabs(4)) for line in text.split("\n"))


def escaped(text: str) -> str:
    """The text on one line; what a terminal would obey, or would not show, stands there as \\xNN or \\uNNNN."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def show(renderable: RenderableType) -> None:
    """A table or text on stdout."""
    _show(renderable, _console(False), write)


def tell(renderable: RenderableType) -> None:
    """A table or text on stderr."""
    _show(renderable, _console(True), write_error)


def _show(renderable: RenderableType, console: Console, write_to: Callable[[bytes], None]) -> None:
    from rich.text import Text

    unfolded = isinstance(renderable, Text)
    if console.is_terminal:
        console.print(renderable, soft_wrap=unfolded)
        return
    with console.capture() as captured:
        console.print(renderable, soft_wrap=unfolded)
    # Cells of tables are filled with spaces, the last of a line, too.
    write_to("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()).encode())


def line(text: str) -> None:
    """One line on stdout, as it is."""
    write(f"{text}\n".encode())


def write(data: bytes) -> None:
    """Bytes on stdout, at once."""
    with _reader():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def write_error(data: bytes) -> None:
    """Bytes on stderr, at once."""
    with _reader():
        sys.stderr.flush()
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()


def as_json(data: Any) -> None:
    """One document on stdout: indented for a terminal, one line for everything else."""
    line(json.dumps(data, indent=2 if sys.stdout.isatty() else None))


def note(text: str) -> None:
    """One line on stderr."""
    _error_line(text, "dim")


def warning(text: str) -> None:
    """Something that does not end the run."""
    _error_line(f"warning: {text.rstrip()}", "yellow")


def error(failure: SandboxError) -> None:
    """`error[code]: subject`, and below it why, and what to do."""
    _error_line(f"error[{failure.code}]: {clean(failure.subject)}", "bold red")
    if failure.why:
        _error_line(f"  why: {clean(failure.why)}", "")
    if failure.fix:
        _error_line(f"  fix: {clean(failure.fix)}", "")


def on_terminal() -> bool:
    """Whether somebody may be watching stdout."""
    return sys.stdout.isatty()


def width() -> int:
    """How many columns stdout has; off a terminal, how many tables are folded to."""
    return _console(False).width


def may_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Asks on the terminal; no is what an empty answer means."""
    import rich_click as click

    return click.confirm(clean(question), default=False, err=True)


@contextmanager
def progress(total: int | None, quiet: bool = False) -> Iterator[Callable[[int, str], None]]:
    """A live line on stderr where that is a terminal, and nothing elsewhere.

    Yields a function that takes how much of `total` is done and what to say.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda done, text: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_console(True), transient=True) as bars:
        task = bars.add_task("starting", total=total)
        yield lambda done, text: bars.update(task, completed=done, description=text)


class Live:
    """A picture on stderr that changes in place, where that is a terminal."""

    def __init__(self) -> None:
        self._live: Any = None

    def __enter__(self) -> Live:
        if sys.stderr.isatty():
            import rich.live

            self._live = rich.live.Live(console=_console(True), transient=True, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, picture: RenderableType) -> bool:
        """Shows it; False where nobody could see it change."""
        if self._live is None:
            return False
        self._live.update(picture, refresh=True)
        return True


def _error_line(text: str, style: str) -> None:
    try:
        _console(True).print(text, style=style or None, soft_wrap=True)
    except ModuleNotFoundError:  # the bare client has no rich
        sys.stderr.write(f"{text}\n")


@cache
def _console(stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


@contextmanager
def _reader() -> Iterator[None]:
    """Turns a reader that has gone away into ReaderGone, and keeps the interpreter's last flush quiet about it."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        raise ReaderGone from None

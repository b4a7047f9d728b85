"""How the verbs that go over a file of jobs or problems end: with a report, whatever ended them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sandbox.cli import loop
from sandbox.cli.exits import Exit, Stopped, UsageError
from sandbox.errors import SandboxError


class Counted(Protocol):
    """What was counted on the way."""

    @property
    def total(self) -> int:
        """Lines so far."""

    @property
    def exit(self) -> Exit:
        """What the run ends with."""


def over(work: Coroutine[Any, Any, None], counted: Counted, report: Callable[[], None], empty: UsageError) -> int:
    """Does the work and reports, also on a run that was cut short. Raises what ended it, or `empty` for no line."""
    try:
        loop.run(work)
    except (SandboxError, KeyboardInterrupt, Stopped):
        if counted.total:
            report()
        raise
    if not counted.total:
        raise empty
    report()
    return counted.exit

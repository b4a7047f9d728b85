"""The two checks without which nothing can run, quick enough to come before everything that does."""

from __future__ import annotations

from sandbox.doctor import machine
from sandbox.doctor.result import Status
from sandbox.errors import SetupError


def preflight() -> None:
    """Raises SetupError, with the fix, where no jail can start."""
    for check in (machine.nsjail, machine.privilege):
        result = check()
        if result.status is Status.FAIL:
            raise SetupError(f"{check.__name__}: {result.found}", why=result.effect, fix=result.fix)

"""How a candidate's process ended, as the jail saw it. Facts only; the judge makes a status of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum


class End(Enum):
    """What ended the process."""

    EXIT = "exit"
    CPU = "cpu"
    WALL = "wall"
    OUTPUT = "output"
    OOM = "oom"


class Refused(Enum):
    """Why a file that was asked for did not come back, though something of that name is there."""

    IRREGULAR = "not a regular file"
    LARGE = "larger than a file may be, or than all that come back together"


@dataclass(frozen=True, slots=True)
class Ended:
    """One run of a candidate. Sizes in bytes, times in milliseconds.

    `exit_code` is None when a signal ended the process; `signal` is 0 when none did. `extra` is what the run left on
    its extra descriptor (claims of a `call` test).
    """

    end: End
    exit_code: int | None
    signal: int
    cpu_ms: float
    wall_ms: float
    peak_bytes: int
    oom: bool
    runnable_ms: float
    stdout: bytes
    stderr: bytes
    stdout_size: int
    stderr_size: int
    extra: bytes = b""
    # The files that the caller asked for, None where nothing of that name was there.
    collected: tuple[bytes | Refused | None, ...] = ()
    # Nothing of the program outlived its first process.
    alone: bool = True
    # It, or what it started, tried a system call that is watched.
    denied: bool = False
    # It has looked through /proc, for other processes or for memory.
    walked: bool = False


def with_signs(last: Ended, runs: Sequence[Ended]) -> Ended:
    """The last of several runs of one test, with what was noticed in any of them."""
    return replace(
        last,
        alone=all(run.alone for run in runs),
        denied=any(run.denied for run in runs),
        walked=any(run.walked for run in runs),
    )


class FaultError(Exception):
    """Our own failure. `kind` is a name of the wire's FaultKind; it never becomes a number.

    JailFault        a jail would not start, died, or answered nonsense
    StarvedFault     the machine did not give the program its CPU
    JudgeFault       a comparator or a reward scheme failed
    BuildFault       the build jail failed
    """

    kind = "INTERNAL"


class JailFault(FaultError):
    """A jail would not start, died, or broke the protocol."""

    kind = "JAIL"


class StarvedFault(FaultError):
    """The program was ready to run for most of its wall time and had no CPU."""

    kind = "STARVED"


class JudgeFault(FaultError):
    """A comparator or a scheme of ours failed."""

    kind = "JUDGE"


class BuildFault(FaultError):
    """The build jail failed, not the program."""

    kind = "BUILD"

"""Exit codes, and which of them an error means.

0    accepted: everything that was judged passed (verbs that judge nothing: done)
1    judged, and not everything was accepted; of `doctor`: a check failed
2    bad usage, or a bad job
3    a fault of ours: nothing of it was scored
130  interrupted from the keyboard; 128 + N after signal N
141  whoever read our output is gone
"""

from __future__ import annotations

from enum import IntEnum

from sandbox.errors import ConfigError, JobError, SandboxError, SetupError


class Exit(IntEnum):
    """What a verb ends with."""

    ACCEPTED = 0
    NOT_ACCEPTED = 1
    BAD = 2
    FAULT = 3
    INTERRUPTED = 130
    READER_GONE = 141


class UsageError(SandboxError):
    """The command line was wrong."""

    code = "usage"


class FaultReport(SandboxError):
    """Something of ours failed, and the run cannot go on."""

    code = "fault"


class ServerError(SandboxError):
    """The remote server cannot be reached, or went away."""

    code = "server"


class ExtraError(SandboxError):
    """The client alone is installed."""

    code = "extra"


class ReaderGone(Exception):
    """Nobody reads our output any more."""


class Stopped(Exception):
    """A signal asked the run to end. Ctrl-C is KeyboardInterrupt, as everywhere in Python."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


_FAULTS = ("fault", "unreachable")
_EXITS: dict[type[SandboxError], Exit] = {
    ConfigError: Exit.FAULT,
    SetupError: Exit.FAULT,
    FaultReport: Exit.FAULT,
    ServerError: Exit.FAULT,
    ExtraError: Exit.FAULT,
    UsageError: Exit.BAD,
    JobError: Exit.BAD,
}


def exit_of(error: SandboxError) -> Exit:
    """The exit code of an expected failure. What is not listed is something that was asked for wrongly."""
    # What the client and the trainer raise is known by its code alone: neither is imported here.
    otherwise = Exit.FAULT if error.code in _FAULTS else Exit.BAD
    return next((code for kind, code in _EXITS.items() if isinstance(error, kind)), otherwise)

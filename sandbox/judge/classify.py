"""From how a process ended to a stage. Pure.

Several limits can trip in one run; the order here says which one names the result. Facts that the kernel counted come
before what the process says of itself by its exit code, so that no program talks its way out of a limit:

1. an OOM kill anywhere in the tree is MEMORY_LIMIT, whatever the survivors printed
2. CPU time at the limit is TIME_LIMIT, also when the program ended by itself in the last moment
3. wall time at the limit is TIME_LIMIT, unless the machine starved the program: that is our fault, and raised as one
4. more output than allowed is OUTPUT_LIMIT
5. a system call that kills is SECURITY_VIOLATION; any other signal, or an exit code other than 0, RUNTIME_ERROR

A SIGKILL that nobody here sent is the program's own doing: it cannot choose to be a fault.
"""

from __future__ import annotations

import signal

from sandbox.model.limits import Limits
from sandbox.model.outcome import End, Ended, StarvedFault
from sandbox.model.status import Stage

_STARVED_SHARE = 0.5
_LIMITS = (Stage.TIME_LIMIT, Stage.MEMORY_LIMIT, Stage.OUTPUT_LIMIT)


def classify(ended: Ended, limits: Limits, ignore_exit_code: bool = False) -> tuple[Stage, str] | None:
    """The stage and one line about it; None when the program ran to its end and its output decides.

    Raises StarvedFault.
    """
    if ended.oom or ended.end is End.OOM:
        return Stage.MEMORY_LIMIT, f"more than {limits.memory_bytes} bytes of memory"
    if ended.end is End.CPU or ended.cpu_ms > limits.cpu_time_ms or ended.signal == signal.SIGXCPU:
        return Stage.TIME_LIMIT, f"more than {limits.cpu_time_ms} ms of CPU time"
    if ended.end is End.WALL:
        if ended.runnable_ms >= _STARVED_SHARE * ended.wall_ms:
            raise StarvedFault(f"ready for {ended.runnable_ms:.0f} of {ended.wall_ms:.0f} ms, without a CPU")
        return Stage.TIME_LIMIT, f"more than {limits.wall_time_ms} ms of wall time, sleeping or blocked"
    if ended.end is End.OUTPUT:
        return Stage.OUTPUT_LIMIT, f"more than {limits.output_bytes} bytes of output"
    if ended.signal == signal.SIGSYS:
        return Stage.SECURITY_VIOLATION, "a system call that the policy forbids"
    if ended.signal:
        return Stage.RUNTIME_ERROR, f"ended by {_signal_name(ended.signal)}"
    if ended.exit_code and not ignore_exit_code:
        return Stage.RUNTIME_ERROR, f"exit code {ended.exit_code}{_last_line(ended.stderr)}"
    return None


def exhausted(ended: Ended, limits: Limits, who: str) -> tuple[Stage, str] | None:
    """The limit that a program of the judge's side ran into; None when it did not. Raises StarvedFault.

    It did so over what the candidate gave it: the same program ends in good time over what is right. Were it a fault, a
    candidate that fails could feed it until it gives up, and would not be punished.
    """
    found = classify(ended, limits, ignore_exit_code=True)
    if found is not None and ended.signal == signal.SIGXFSZ:
        found = Stage.OUTPUT_LIMIT, f"more than {limits.file_bytes} bytes in a file"
    if found is None or found[0] not in _LIMITS:
        return None
    return found[0], f"the {who}, over what it was given: {found[1]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(stderr: bytes) -> str:
    line = stderr[-2000:].strip().rpartition(b"\n")[2].decode(errors="replace")
    return f": {line[:200]}" if line and line.isprintable() else ""

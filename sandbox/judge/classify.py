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


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(stderr: bytes) -> str:
    line = stderr[-2000:].strip().rpartition(b"\n")[2].decode(errors="replace")
    return f": {line[:200]}" if line and line.isprintable() else ""

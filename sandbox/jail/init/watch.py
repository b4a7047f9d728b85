"""Waiting for a candidate within its limits, and saying what ended it."""

import os
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import calls
from .counters import Counters
from .notices import Notices
from .walks import Walks

# Often enough to see an OOM kill or a burst of output early, rarely enough to cost nothing.
_LOOK_MS = 100


class Cancelled(Exception):
    """The server no longer wants the program."""


class Watch:
    """Watches one child from its fork to its end."""

    def __init__(self, counters: Counters, stop: int, cpus: int, notices: "Notices | None", walks: Walks) -> None:
        self._counters = counters
        self._cpus = cpus
        self._notices = notices
        self._walks = walks
        self._waiter = calls.Waiter(stop, notices.fd if notices is not None else -1)
        self._schedstat = os.open("/proc/self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        self._inherited = _inherits_delay()

    def start(self) -> None:
        """Starts the clocks; called just before the fork."""
        self._began = time.monotonic_ns()
        # The CPU that the init itself takes meanwhile is not the candidate's.
        self._own = time.process_time_ns()
        self._own_end = 0
        self._cpu_start = self._counters.cpu_us()
        self._delay_start = _delay_us(os.pread(self._schedstat, 64, 0)) if self._inherited else 0
        self._ooms = self._counters.ooms()

    def run(self, pid: int, number: int, limits: "dict[str, int]", outputs: "list[int]") -> "dict[str, Any]":
        """Waits for `pid` and kills it at a limit. `number` is its PID in its world; 0: nobody looks for its walks.

        Returns `end` ("exit", "cpu", "wall", "output", "oom"), `status` (as waitpid's), `wall_us`, `waited_us` and
        `runnable_us` (at a wall limit only: the longest time that one thread was ready to run and had no CPU because
        of processes outside the cell); `denied` and `walked`: whether a watched call was tried, and /proc looked
        through. Raises Cancelled, leaving the child to the caller.
        """
        # Little is done before the first wait: whatever it writes to is copied, since the child still shares it.
        pidfd = os.pidfd_open(pid)
        end, delay, walked = "exit", 0, False
        wall_us = cpu_us = 0
        try:
            while True:
                pause_us = min(limits["wall_us"] - wall_us, (limits["cpu_us"] - cpu_us) // self._cpus)
                stopped, called, ended = self._waiter.wait(pidfd, max(1, min(_LOOK_MS, pause_us // 1000 + 1)))
                if stopped:
                    raise Cancelled
                if called:
                    self._answer()
                if ended:
                    break
                wall_us = self._wall_us()
                cpu_us = self._cpu_us()
                if self._counters.ooms() > self._ooms:
                    end = "oom"
                elif any(os.fstat(fd).st_size > limits["output"] for fd in outputs):
                    end = "output"
                elif cpu_us >= limits["cpu_us"]:
                    end = "cpu"
                elif wall_us >= limits["wall_us"]:
                    end = "wall"
                else:
                    continue
                break
            if number and self._walks.can_tell:
                walked = self._walks.look(number)
            if end == "wall":
                delay = runnable_us(cpu_us, self._delay_start)
            if end != "exit":
                os.kill(pid, signal.SIGKILL)
        finally:
            os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        wall_us = self._wall_us()
        cpu_us = self._cpu_us()
        oom = self._counters.ooms() > self._ooms
        return {
            "end": end,
            "status": status,
            "wall_us": wall_us,
            "cpu_us": cpu_us,
            "runnable_us": delay,
            "oom": oom,
            "denied": self._own_end > 0,
            "walked": walked,
        }

    def _answer(self) -> None:
        """Answers a watched call. From the first one on, what this process spends counts as the candidate's."""
        self._own_end = self._own_end or time.process_time_ns()
        assert self._notices is not None
        self._notices.answer()

    def _wall_us(self) -> int:
        return (time.monotonic_ns() - self._began) // 1000

    def _cpu_us(self) -> int:
        spent = self._counters.cpu_us() - self._cpu_start
        return max(0, spent - ((self._own_end or time.process_time_ns()) - self._own) // 1000)


def _delay_us(schedstat: bytes) -> int:
    return int(schedstat.split()[1]) // 1000


def _inherits_delay() -> bool:
    """Whether a forked process starts with its parent's count of waiting, as on kernels without full statistics."""
    with open("/proc/self/schedstat", "rb") as file:
        own = _delay_us(file.read())
    pid = os.fork()
    if pid == 0:
        with open("/proc/self/schedstat", "rb") as file:
            os._exit(_delay_us(file.read()) >= own > 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def runnable_us(tree_cpu_us: int, delay_start_us: int) -> int:
    """The longest time that one thread of the world waited for a CPU held by something outside.

    The scheduler counts how long each thread was ready but not running. CPU time of the rest of the tree is taken off:
    a thread that waits behind its own siblings is not starved.
    """
    longest = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            threads = os.listdir(f"/proc/{name}/task")
        except OSError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{name}/task/{thread}/schedstat", "rb") as file:
                    schedstat = file.read()
                ran_us, delay_us = int(schedstat.split()[0]) // 1000, _delay_us(schedstat)
            except (OSError, ValueError):
                continue
            siblings_us = max(0, tree_cpu_us - ran_us)
            longest = max(longest, delay_us - delay_start_us - siblings_us)
    return longest

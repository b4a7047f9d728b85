"""What must hold for every input of every target, and how an input is cut into parts.

A target is a function of bytes. It raises where a law of its own is broken, and returns something that can be compared.
Here it is called twice, and must return the same, within bounds of time and memory that only a blow-up reaches.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox.answer import write_test
from sandbox.check import Scheduled
from sandbox.judge.judged import Judged
from sandbox.judge.stdio import StdioCheck
from sandbox.model.limits import Limits
from sandbox.model.outcome import End, Ended
from sandbox.model.plan import TestPlan
from sandbox.v1 import job_pb2, verdict_pb2

Target = Callable[[bytes], object]

# Between two parts of an input.
CUT = b"\x00\xff"
# Inputs are some kilobytes at most; an instrumented reader of such an input takes some milliseconds.
_SECONDS = 3.0
_MEBIBYTES = 256

LIMITS = Limits(1000, 2000, 1 << 28, 8, 1 << 20, 1 << 20, 1 << 20, 64, 1 << 20)
PLAN = TestPlan("call", LIMITS, claims=True)


class BrokenLaw(AssertionError):
    """Something that may never happen happened."""


def check(target: Target, data: bytes) -> None:
    """Raises BrokenLaw, or whatever the target raises."""
    began, before = time.process_time(), _forget_peak()
    first, second = target(data), target(bytes(bytearray(data)))
    spent, grown = time.process_time() - began, _peak_mebibytes() - before
    demand(first == second, f"two answers for one input: {first!r:.200} and {second!r:.200}")
    demand(spent < _SECONDS, f"{spent:.1f} s for {len(data)} bytes")
    demand(grown < _MEBIBYTES, f"{grown} MiB for {len(data)} bytes")


def demand(holds: bool, law: str) -> None:
    """One law."""
    if not holds:
        raise BrokenLaw(law)


def cut(data: bytes, parts: int) -> list[bytes]:
    """So many parts; those that are missing are empty."""
    found = data.split(CUT, parts - 1)
    return found + [b""] * (parts - len(found))


def pick(data: bytes) -> tuple[int, bytes]:
    """The number that the first byte says, and the rest."""
    return (data[0], data[1:]) if data else (0, b"")


def ended(**said: object) -> Ended:
    """A run that ended well, but for what is given."""
    usual: dict[str, object] = {
        "end": End.EXIT, "exit_code": 0, "signal": 0, "cpu_ms": 1.0, "wall_ms": 1.0, "peak_bytes": 1, "oom": False,
        "runnable_ms": 0.0, "stdout": b"", "stderr": b"", "stdout_size": 0, "stderr_size": 0,
    }  # fmt: skip
    return Ended(**{**usual, **said})  # type: ignore[arg-type]


def lawful(judged: Judged) -> tuple[object, ...]:
    """The laws of a result: a score in [0, 1] that is 1 exactly when accepted, and an answer that can be sent."""
    demand(0.0 <= judged.score <= 1.0, f"a score of {judged.score}")
    demand((judged.score == 1.0) == (judged.stage.name == "ACCEPTED"), f"{judged.stage} with {judged.score}")
    demand(0 <= judged.passed <= judged.total, f"{judged.passed} of {judged.total} checks")
    message = verdict_pb2.TestResult()
    write_test(message, _SHOWN, judged, job_pb2.ScoreRequest(feedback=job_pb2.ALL))
    sent = message.SerializeToString(deterministic=True)
    demand(verdict_pb2.TestResult.FromString(sent) == message, "an answer that changes on its way")
    demand(len(message.detail) <= 1 << 16, f"a detail of {len(message.detail)} characters")
    return judged.stage, judged.score, judged.passed, sent


def _forget_peak() -> int:
    """Lets the kernel count the largest size anew, from the present one, which is returned in MiB."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return _peak_mebibytes()


def _peak_mebibytes() -> int:
    with open("/proc/self/status") as file:
        peak = next(line for line in file if line.startswith("VmHWM"))
    return int(peak.split()[1]) >> 10


_SHOWN = Scheduled("1", 1.0, "", True, StdioCheck(PLAN, LIMITS, (b"",), lambda actual, expected: None, False))  # type: ignore[arg-type, return-value]

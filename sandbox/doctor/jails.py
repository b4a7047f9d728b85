"""Checks that run a program in a jail, and look at what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.doctor.result import Result, fail, ok, warn
from sandbox.judge.alarms import DENIED_CALLS, PROC_WALK
from sandbox.pipeline import Pipeline
from sandbox.v1 import job_pb2, verdict_pb2

_HELD = "programs would not be held: nothing should be run here"
_REPORT = "report it with: sandbox doctor --json"

_HELLO = "print(6 * 7)\n"
_LOOP = "while True: pass\n"
_HUNGRY = "print(len(b'x' * (512 << 20)))\n"
_BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
_COUNT = """
import os, signal
made = 0
try:
    while made < 1000:
        if os.fork() == 0:
            signal.pause()
        made += 1
except BlockingIOError:
    pass
print(made)
"""
_NETWORK = """
import os, socket
found = [os.readlink("/proc/self/ns/net")]
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
    try:
        socket.socket(family, socket.SOCK_DGRAM if family != socket.AF_PACKET else socket.SOCK_RAW)
        found.append(family.name)
    except OSError:
        pass
print(" ".join(found))
"""
_FILES = """
import os
looked_for = ("/root", "/home", "/var", "/sys", "/etc/shadow", "/proc/1/environ")
seen = [path for path in looked_for if os.access(path, os.R_OK)]
for path in ("/etc/passwd", "/usr/new", "/new"):
    try:
        open(path, "a").close()
        seen.append("writable " + path)
    except OSError:
        pass
if os.getuid() == 0:
    seen.append("uid 0")
print(" ".join(seen))
"""

# It tries what each alarm stands for: ptrace, and a look at another process.
_SUSPECT = """
import ctypes, os
ctypes.CDLL(None).ptrace(16, 1, 0, 0)
os.path.exists("/proc/1/maps")
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program: the name of its status, or why it has none."""

    status: str
    stdout: str = ""
    detail: str = ""
    cpu_ms: float = 0.0
    wall_ms: float = 0.0
    alarms: frozenset[str] = frozenset()

    @property
    def story(self) -> str:
        """One line about it."""
        return f"{self.status} {self.detail}".strip()


async def run(pipeline: Pipeline, source: str, **limits: int) -> Ran:
    """Runs a Python program that reads nothing."""
    request = job_pb2.ScoreRequest(id="doctor", feedback=job_pb2.ALL, limits=job_pb2.Limits(**limits))
    request.program.language, request.program.source = "python", source
    request.tests.add(stdio=job_pb2.StdioTest(comparator=job_pb2.Comparator(name="exact")))
    answer = await pipeline.score(request)
    if answer.WhichOneof("outcome") == "fault":
        return Ran("FAULT", detail=answer.fault.message)
    test = answer.verdict.tests[0]
    status = verdict_pb2.Status.Name(test.status)
    # Nothing is expected, so whatever a program printed ended well.
    ended = "ENDED" if test.status in (verdict_pb2.ACCEPTED, verdict_pb2.WRONG_ANSWER) else status
    alarms = frozenset(answer.verdict.integrity.alarms)
    return Ran(ended, test.stdout.strip(), test.detail, test.cpu_ms, test.wall_ms, alarms)


async def cell(pipeline: Pipeline) -> Result:
    """A cell starts, and a program in it prints what it should."""
    ran = await run(pipeline, _HELLO)
    if ran.stdout != "42":
        return fail(f"a program ended in {ran.story}", "nothing can be run or scored", _REPORT)
    return ok(f"starts, and a program in it ran in {ran.wall_ms:.0f} ms")


async def time(pipeline: Pipeline) -> Result:
    """A program that never ends is ended, by the CPU time that it used."""
    ran = await run(pipeline, _LOOP, cpu_time_ms=200, wall_time_ms=10_000)
    if ran.status != "TIME_LIMIT":
        return fail(f"an endless loop ended in {ran.story}", _HELD, _REPORT)
    return ok(f"an endless loop was ended after {ran.cpu_ms:.0f} ms of 200 ms CPU time")


async def memory(pipeline: Pipeline) -> Result:
    """A program above its memory limit is killed."""
    ran = await run(pipeline, _HUNGRY, memory_bytes=64 << 20)
    if ran.status != "MEMORY_LIMIT":
        return fail(f"512 MiB within a limit of 64 MiB ended in {ran.story}", _HELD, "see the cgroup check")
    return ok("a program that took 512 MiB was killed at its 64 MiB")


async def processes(pipeline: Pipeline) -> Result:
    """A fork bomb is held, ended, and leaves nothing behind."""
    counted = await run(pipeline, _COUNT, processes=16, wall_time_ms=10_000)
    if not counted.stdout.isdigit() or int(counted.stdout) > 16:
        return fail(f"{counted.stdout or counted.story} children within a limit of 16 processes", _HELD, _REPORT)
    bomb = await run(pipeline, _BOMB, processes=16, cpu_time_ms=300, wall_time_ms=10_000)
    if bomb.status not in ("TIME_LIMIT", "MEMORY_LIMIT"):
        return fail(f"a fork bomb ended in {bomb.story}", _HELD, _REPORT)
    after = await run(pipeline, _HELLO)
    if after.stdout != "42":
        return fail(f"after a fork bomb a program ended in {after.story}", _HELD, _REPORT)
    return ok(f"a fork bomb was held at {counted.stdout} children, and ended; the next program ran")


async def network(pipeline: Pipeline) -> Result:
    """A namespace without this machine's interfaces, and no socket that would reach further than the jail."""
    ran = await run(pipeline, _NETWORK)
    namespace, _, sockets = ran.stdout.partition(" ")
    if ran.status != "ENDED" or sockets:
        return fail(f"a program opened {sockets}" if sockets else f"a program ended in {ran.story}", _HELD, _REPORT)
    if namespace == str(Path("/proc/self/ns/net").readlink()):
        return fail("a program shares this machine's network", _HELD, _REPORT)
    return ok("absent: a namespace of its own, and sockets are refused")


async def files(pipeline: Pipeline) -> Result:
    """Nothing of this machine's files is in sight, and the root is read-only."""
    ran = await run(pipeline, _FILES)
    if ran.status != "ENDED" or ran.stdout:
        return fail(f"a program found {ran.stdout or ran.story}", _HELD, _REPORT)
    return ok("none of this machine's in sight, root read-only, uid unprivileged")


async def evidence(pipeline: Pipeline) -> Result:
    """A program that tries what only attacks need raises the alarms for it."""
    ran = await run(pipeline, _SUSPECT)
    if ran.status != "ENDED":
        return fail(f"a program ended in {ran.story}", "nothing can be run or scored", _REPORT)
    missing = [name for name in (DENIED_CALLS, PROC_WALK) if name not in ran.alarms]
    if missing:
        effect = "what they stand for is refused as ever, and nobody is told"
        fix = "a newer kernel; in a container, one whose manager does not listen to system calls itself"
        return warn(f"nothing raises the alarm {' or '.join(missing)} here", effect, fix)
    return ok("denied calls and walks through /proc raise their alarms")

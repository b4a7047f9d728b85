"""What a program does to its cell: its own failure, never a fault, and nothing to the program that comes next."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from sandbox.jail.cell import Cell
from sandbox.model.outcome import End, Ended
from tests.jail.cells import Bench, run
from tests.jail.traces import eventually

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

MIB = 1 << 20

FORK_BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
THREAD_BOMB = """
import threading, time
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError:
    print("no more", flush=True)
time.sleep(60)
"""
MEMORY_BOMB = "held = []\nwhile True:\n    held.append(bytearray(1 << 20))\n"
MEMORY_BOMB_OF_CHILDREN = """
import os
for _ in range(16):
    if os.fork() == 0:
        held = bytearray(16 << 20)
        for at in range(0, len(held), 4096):
            held[at] = 1
        while True:
            pass
while True:
    pass
"""
MEMORY_BOMB_OF_FILES = """
try:
    for number in range(1000):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(1 << 20))
except OSError as error:
    print(error.errno)
"""
DISK_BOMB = """
import errno
try:
    for number in range(1000):
        with open(f"/box/work/{number}", "wb") as file:
            file.write(bytes(1 << 20))
except OSError as error:
    print(errno.errorcode[error.errno])
"""
INODE_BOMB = """
import errno, os
try:
    for number in range(1000000):
        os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY))
except OSError as error:
    print(errno.errorcode[error.errno])
"""
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1)
    os._exit(0)
print("started")
"""
FILES = """
import os
for folder in ("/box/work", "/tmp", "/dev/shm"):
    os.makedirs(folder + "/a/b/c")
    for number in range(100):
        open(f"{folder}/{number}", "w").close()
    os.chmod(folder + "/a/b", 0)
print("left")
"""
FLOOD = "import os\nwhile True:\n    os.write(1, bytes(65536))\n"
DEEP_FOLDERS = """
import os
os.chdir("/tmp")
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
print("deep")
"""
CLOSED = "import os\nos.closerange(0, 100)\n"
STOPPED = "import os, signal\nos.kill(0, signal.SIGSTOP)\n"
IGNORING = """
import signal, time
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    time.sleep(1)
"""

# Source, limits, and what the run must have ended in.
NASTY: dict[str, tuple[str, dict[str, int], Any]] = {
    "a fork bomb": (FORK_BOMB, {"cpu_time_ms": 300, "processes": 32}, lambda e: e.end is End.CPU),
    "a thread bomb": (THREAD_BOMB, {"wall_time_ms": 700, "processes": 32}, lambda e: e.end is End.WALL),
    "a memory bomb": (MEMORY_BOMB, {"memory_bytes": 64 * MIB}, lambda e: e.oom),
    "a memory bomb of children": (MEMORY_BOMB_OF_CHILDREN, {"memory_bytes": 64 * MIB}, lambda e: e.oom),
    "a memory bomb of files": (MEMORY_BOMB_OF_FILES, {"memory_bytes": 48 * MIB}, lambda e: e.oom),
    "a full disk": (DISK_BOMB, {"disk_bytes": 16 * MIB}, lambda e: e.stdout == b"ENOSPC\n"),
    "a disk without inodes": (INODE_BOMB, {}, lambda e: e.stdout == b"ENOSPC\n"),
    "a daemon": (DAEMON, {}, lambda e: e.stdout == b"started\n" and not e.alone),
    "files": (FILES, {}, lambda e: e.stdout == b"left\n"),
    "deep folders": (DEEP_FOLDERS, {}, lambda e: e.stdout == b"deep\n"),
    "a flood": (FLOOD, {"output_bytes": MIB}, lambda e: e.end is End.OUTPUT or e.signal == signal.SIGXFSZ),
    "an endless loop": ("while True: pass", {"cpu_time_ms": 200}, lambda e: e.end is End.CPU),
    "a long sleep": ("import time; time.sleep(60)", {"wall_time_ms": 300}, lambda e: e.end is End.WALL),
    "a stopped process": (STOPPED, {"wall_time_ms": 300}, lambda e: e.end is End.WALL),
    "signals ignored": (IGNORING, {"wall_time_ms": 300}, lambda e: e.end is End.WALL),
    "closed descriptors": (CLOSED, {}, lambda e: e.end is End.EXIT),
    "a kill of itself": ("import os; os.kill(os.getpid(), 9)", {}, lambda e: e.signal == signal.SIGKILL),
    "a kill of everybody": ("import os; os.kill(-1, 9)", {}, lambda e: e.end is End.EXIT),
    "a kill of its group": ("import os; os.kill(0, 9)", {}, lambda e: e.signal == signal.SIGKILL),
    "an abort": ("import os; os.abort()", {}, lambda e: e.signal == signal.SIGABRT),
    "an exit code of the init's": ("import os; os._exit(66)", {}, lambda e: e.exit_code == 66),
}


def residents(jails: Bench) -> int:
    return len(jails.spawner.processes())


async def honest(cell: Cell) -> Ended:
    return await run(cell, "print(sum(map(int, input().split())))", b"20 22\n")


@pytest.mark.parametrize("what", NASTY)
async def test_the_next_program_of_the_same_cell_is_run_as_if_nothing_had_been(
    what: str, cell: Cell, jails: Bench
) -> None:
    source, limits, expected = NASTY[what]
    await honest(cell)
    # The jail, its init, and the anchor of the world that is made ahead; in between there are fewer for a moment.
    idle = await eventually(lambda: residents(jails) if residents(jails) >= 3 else 0)
    pid = cell.pid
    ended = await run(cell, source, **limits)
    assert expected(ended), ended
    after = await honest(cell)
    assert (after.stdout, after.exit_code, after.end, after.oom) == (b"42\n", 0, End.EXIT, False)
    assert after.alone
    assert after.peak_bytes < 32 * MIB
    assert cell.fault is None
    assert cell.pid == pid
    await eventually(lambda: residents(jails) == idle, why=f"{idle} processes, as before")


async def test_no_memory_of_an_earlier_test_is_charged_to_a_later_one(cell: Cell) -> None:
    await run(cell, "held = bytearray(400 << 20)")
    ended = await run(cell, "held = bytearray(40 << 20)", memory_bytes=64 * MIB)
    assert not ended.oom
    # What the kernel has not yet taken back of the earlier one counts for neither: a few MiB at most.
    assert 36 * MIB < ended.peak_bytes < 64 * MIB


async def test_no_cpu_time_of_an_earlier_test_is_charged_to_a_later_one(cell: Cell) -> None:
    await run(cell, "while True: pass", cpu_time_ms=400)
    assert (await honest(cell)).cpu_ms < 200


async def test_a_hundred_nasty_programs_wear_no_cell_out(cell: Cell) -> None:
    sources = [DAEMON, FILES, "import os; os.kill(-1, 9)", CLOSED, "import os; os.abort()"]
    for number in range(100):
        await run(cell, sources[number % len(sources)])
    assert (await honest(cell)).stdout == b"42\n"
    assert cell.fault is None

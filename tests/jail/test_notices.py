"""Denied system calls that are noticed: with the errors that a filter alone gives, whoever answers or does not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sandbox.jail.cell import Cell
from sandbox.model.outcome import End
from tests.jail.cells import Bench, begin, end, one_run, run

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

HEAD = """
import ctypes, errno, os, signal, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(number, *arguments):
    answer = libc.syscall(number, *arguments)
    return errno.errorcode[ctypes.get_errno()] if answer < 0 else "made"
PTRACE, KCMP, KEYCTL, IO_URING_SETUP, MOUNT, UNSHARE = 101, 312, 250, 425, 165, 272
"""
LOOP = "while True:\n    libc.syscall(PTRACE, 16, 1, 0, 0)\n"
HONEST = "print(6 * 7)\n"


async def is_as_ever(cell: Cell) -> None:
    ended = await run(cell, HONEST)
    assert (ended.stdout, ended.denied, ended.walked, ended.alone) == (b"42\n", False, False, True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print(attempt(PTRACE, 16, 1, 0, 0), attempt(PTRACE, 0, 0, 0, 0))", "EPERM EPERM"),
        ("print(attempt(KCMP, os.getpid(), os.getpid(), 1, 0, 0))", "EPERM"),
        ("print(attempt(KEYCTL, 0, -3, 1))", "EPERM"),
        ("print(attempt(IO_URING_SETUP, 8, 0))", "ENOSYS"),
        ("print(attempt(UNSHARE, 0))", "EPERM"),
        ("thread = threading.Thread(target=lambda: print(attempt(PTRACE, 0, 0, 0, 0))); thread.start()", "EPERM"),
    ],
)
async def test_a_denied_call_is_noticed_and_refused_as_ever(cell: Cell, source: str, said: str) -> None:
    ended = await run(cell, HEAD + source)
    assert (ended.exit_code, ended.stdout.decode().strip()) == (0, said)
    assert ended.denied
    await is_as_ever(cell)


async def test_a_call_of_a_child_is_noticed(cell: Cell) -> None:
    source = "if os.fork() == 0:\n    attempt(PTRACE, 16, 1, 0, 0)\n    os._exit(0)\nos.wait()\n"
    assert (await run(cell, HEAD + source)).denied


@pytest.mark.parametrize(
    "source",
    [
        "print(attempt(MOUNT, 0, 0, 0, 0, 0))",
        "import socket\ntry:\n    socket.socket()\nexcept OSError: pass",
        "import subprocess\nsubprocess.run(['true'], check=True)",
        "import multiprocessing\nwith multiprocessing.Pool(2) as pool: print(pool.map(abs, [1, -2]))",
        "import asyncio\nasyncio.run(asyncio.sleep(0.001))",
        "import mmap, tempfile, sqlite3, decimal, zlib, hashlib, ssl, select; select.epoll(); hashlib.sha256()",
        "os.nice(1); os.sched_setaffinity(0, {0}); os.times(); os.getloadavg if 0 else None",
    ],
)
async def test_what_programs_do_is_not_noticed(cell: Cell, source: str) -> None:
    assert not (await run(cell, HEAD + source)).denied


async def test_it_is_a_matter_of_one_test_alone(cell: Cell) -> None:
    begin(cell, HEAD + "if input() == 'try': attempt(PTRACE, 16, 1, 0, 0)\n")
    told = [(await cell.submit(one_run(cell, line))).denied for line in (b"no", b"try", b"no", b"try", b"no")]
    cell.end_program()
    assert told == [False, True, False, True, False]


@pytest.mark.parametrize(
    "crowd",
    [
        "",
        "for _ in range(20): threading.Thread(target=lambda: [libc.syscall(PTRACE, 16, 1, 0, 0) for _ in iter(int, 1)],"
        " daemon=True).start()\n",
        "for _ in range(20):\n    if os.fork() == 0: break\n",
    ],
    ids=["alone", "threads", "processes"],
)
async def test_trying_for_ever_costs_the_program_its_own_time(cell: Cell, crowd: str) -> None:
    ended = await run(cell, HEAD + crowd + LOOP, cpu_time_ms=300, wall_time_ms=10_000)
    assert (ended.end, ended.denied) == (End.CPU, True)
    # Two CPUs at most for the time of one look, and what it takes to see it.
    assert ended.cpu_ms < 900
    await is_as_ever(cell)


async def test_what_the_init_spends_on_answers_counts_as_the_program_s(cell: Cell) -> None:
    counted = "for _ in range(5000): libc.syscall(PTRACE, 16, 1, 0, 0)\nprint(time.process_time_ns())\n"
    ended = await run(cell, HEAD + counted)
    assert ended.cpu_ms > 1.2 * int(ended.stdout) / 1e6


async def test_it_cannot_look_starved_by_waiting_for_answers(cell: Cell) -> None:
    crowd = "for _ in range(30): threading.Thread(target=lambda: [libc.syscall(PTRACE, 16, 1, 0, 0)"
    crowd += " for _ in iter(int, 1)], daemon=True).start()\n"
    ended = await run(cell, HEAD + crowd + LOOP, wall_time_ms=1500)
    assert ended.end is End.WALL
    assert ended.runnable_ms < ended.wall_ms / 2


async def test_a_process_that_is_killed_before_its_answer_is_no_loss(cell: Cell) -> None:
    source = """
for _ in range(200):
    child = os.fork()
    if child == 0:
        while True:
            libc.syscall(PTRACE, 16, 1, 0, 0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
for _ in range(2000):
    libc.syscall(PTRACE, 16, 1, 0, 0)
signal.setitimer(signal.ITIMER_REAL, 0)
print("through")
"""
    ended = await run(cell, HEAD + source)
    assert (ended.stdout, ended.denied) == (b"through\n", True)
    await is_as_ever(cell)


async def test_what_is_left_behind_may_wait_for_its_answer_for_ever(cell: Cell) -> None:
    source = "for _ in range(10):\n    if os.fork() == 0:\n        while True: libc.syscall(PTRACE, 16, 1, 0, 0)\n"
    ended = await run(cell, HEAD + source + "time.sleep(0.1)")
    assert (ended.end, ended.alone, ended.denied) == (End.EXIT, False, True)
    await is_as_ever(cell)


# How often a number lies in the memory that a program was copied from, beside where it put the number itself.
SEARCH = """
mark = bytes.fromhex("A7E7C25E")
found = 0
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        span, rights, *_ = line.split()
        low, high = (int(part, 16) for part in span.split("-"))
        if rights.startswith("rw") and high - low < 1 << 28:
            memory.seek(low)
            found += memory.read(high - low).count(mark)
print(found)
"""


async def test_the_arguments_of_a_call_do_not_stay_in_the_init(cell: Cell) -> None:
    before = (await run(cell, SEARCH)).stdout
    assert (await run(cell, HEAD + "attempt(PTRACE, 16, *[ctypes.c_ulong(0x5EC2E7A7 << 32)] * 3)")).denied
    assert (await run(cell, SEARCH)).stdout == before


async def test_a_cancel_is_heard_while_answers_are_given(cell: Cell) -> None:
    begin(cell, HEAD + "for _ in range(20):\n    if os.fork() == 0: break\n" + LOOP)
    running = cell.submit(one_run(cell))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    cell.end_program()
    assert running.cancelled()
    await is_as_ever(cell)
    assert time.monotonic() - began < 5


async def test_the_listener_is_out_of_reach(cell: Cell) -> None:
    source = """
open_fds = []
for number in range(4096):
    try:
        os.fstat(number)
        open_fds.append(number)
    except OSError:
        pass
GETFD, SECCOMP = 438, 317
print(open_fds, [attempt(GETFD, os.pidfd_open(os.getpid()), number, 0) for number in (3, 5, 9)])
# NEW_LISTENER, for a filter of its own.
print(attempt(SECCOMP, 1, 8, 0))
"""
    ended = await run(cell, HEAD + source)
    assert ended.stdout.decode().splitlines() == ["[0, 1, 2] ['EPERM', 'EPERM', 'EPERM']", "EPERM"]


async def test_a_filter_of_the_program_s_own_opens_nothing(cell: Cell) -> None:
    source = """
import struct
for answer in (0x7FFF0000, 0x7FC00000, 0x7FF00000, 0x7FFC0000):  # allow, notify, trace, log
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, answer))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))
    pid = os.fork()
    if pid == 0:
        libc.prctl(22, 2, program, 0, 0)
        # To a notice of its own nobody answers, and the C library cannot even exit.
        os._exit(libc.syscall(PTRACE, 0, 0, 0, 0) == 0 or libc.syscall(KCMP, os.getpid(), os.getpid(), 1, 0, 0) == 0)
    time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    print(os.waitpid(pid, 0)[1])
"""
    ended = await run(cell, HEAD + source)
    assert set(ended.stdout.split()) <= {b"0", b"9", b"11"}, ended


async def test_a_cell_that_watches_nothing_refuses_the_same(jails: Bench) -> None:
    cell = Cell(jails.client, replace(jails.plan(), watched=None))
    await cell.start()
    try:
        ended = await run(cell, HEAD + "print(attempt(PTRACE, 16, 1, 0, 0), attempt(IO_URING_SETUP, 8, 0))")
    finally:
        await end(cell)
    assert (ended.stdout, ended.denied) == (b"EPERM ENOSYS\n", False)


# A process that binds itself as an init does, and then what it does where nobody answers.
BOUND = """
import ctypes, errno, os, sys
from sandbox.jail.init import kernel, notices
from sandbox.jail.wire import watched_to_json
from sandbox.policies import load_policies
from sandbox.seccomp.filter import build_filter, build_watched
policy = load_policies()["default"]
groups = policy.table.seccomp.groups
full, watched = build_filter(policy.seccomp, groups).hex(), watched_to_json(build_watched(policy.seccomp, groups))
libc = ctypes.CDLL(None, use_errno=True)
def bind():
    return notices.Filters(full, watched)
def attempts():
    own, found = os.getpid(), []
    # Each would be made here, were it let through: PTRACE_TRACEME, kcmp of oneself, unshare of nothing.
    for call in ((101, 0, 0, 0, 0), (312, own, own, 1, 0, 0), (272, 0)):
        found.append("made" if libc.syscall(*call) >= 0 else errno.errorcode[ctypes.get_errno()])
    print(*found)
"""


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("attempts()", "made made made"),
        # The listener is gone, with the candidate's filter and without.
        (
            "made = notices.Filters(full, watched); os.close(made.notices.fd); made.seccomp.load(); attempts()",
            "ENOSYS " * 3,
        ),
        ("made = notices.Filters(full, watched); os.close(made.notices.fd); attempts()", "ENOSYS " * 3),
        # The init's filter is not there at all.
        ("kernel.Seccomp(bytes.fromhex(watched['rest'])).load(); attempts()", "ENOSYS " * 3),
        # Somebody else listens already, so nothing is noticed.
        (
            "kernel.Seccomp(bytes.fromhex(watched['notice'])).listen(); made = bind()\n"
            "assert made.notices is None; made.seccomp.load(); attempts()",
            "EPERM " * 3,
        ),
    ],
    ids=["unbound", "both filters", "the init's alone", "the candidate's alone", "another listener"],
)
async def test_no_call_is_ever_made_where_nobody_answers(how: str, said: str) -> None:
    ended = subprocess.run([sys.executable, "-c", BOUND + how], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.split() == said.split(), ended.stderr

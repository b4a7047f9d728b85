"""Every program has namespaces of its own, and no test finds anything of an earlier one."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest

from sandbox.jail.cell import Cell
from tests.jail.cells import Bench, begin, one_run, run
from tests.jail.traces import eventually

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

FRESH = ("ipc", "mnt", "net", "pid", "uts")
SHARED = ("cgroup", "user")
WAIT = "import time\ntime.sleep(60)\n"


@contextlib.contextmanager
def namespaces_of(pid: int) -> Iterator[dict[str, int]]:
    """Inode numbers of a process's namespaces. They are held open: the kernel gives a freed number to the next one."""
    held = {name: os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in (*FRESH, *SHARED)}
    try:
        yield {name: os.fstat(fd).st_ino for name, fd in held.items()}
    finally:
        for fd in held.values():
            os.close(fd)


async def candidate_of(jails: Bench) -> int:
    (candidate,) = await eventually(jails.spawner.candidates, why="a candidate")
    return candidate.pid


async def looked_at(jails: Bench, cell: Cell, stack: contextlib.ExitStack) -> dict[str, int]:
    """The namespaces of one test of the open program; they stay while `stack` lasts, the test does not."""
    running = cell.submit(one_run(cell))
    pid = await candidate_of(jails)
    found = stack.enter_context(namespaces_of(pid))
    os.kill(pid, signal.SIGKILL)
    assert (await running).signal == signal.SIGKILL
    return found


async def test_two_programs_of_one_cell_share_no_namespace_but_the_cell_s_own(jails: Bench, cell: Cell) -> None:
    with contextlib.ExitStack() as stack:
        seen = []
        for _ in range(3):
            begin(cell, WAIT)
            seen.append(await looked_at(jails, cell, stack))
            cell.end_program()
    for name in FRESH:
        assert len({each[name] for each in seen}) == 3, name
    for name in SHARED:
        assert len({each[name] for each in seen}) == 1, name


async def test_no_namespace_is_the_machine_s(jails: Bench, cell: Cell) -> None:
    with contextlib.ExitStack() as stack:
        begin(cell, WAIT)
        inside = await looked_at(jails, cell, stack)
        cell.end_program()
        outside = stack.enter_context(namespaces_of(os.getpid()))
    assert not set(inside.values()) & set(outside.values())


async def test_two_cells_share_no_namespace(jails: Bench) -> None:
    with contextlib.ExitStack() as stack:
        seen = []
        for _ in range(2):
            async with jails.cell() as cell:
                begin(cell, WAIT)
                seen.append(await looked_at(jails, cell, stack))
                cell.end_program()
    assert not set(seen[0].values()) & set(seen[1].values())


async def test_clean_tests_of_a_program_share_its_namespaces(jails: Bench, cell: Cell) -> None:
    with contextlib.ExitStack() as stack:
        begin(cell, WAIT)
        first = await looked_at(jails, cell, stack)
        second = await looked_at(jails, cell, stack)
        cell.end_program()
    assert first == second


async def test_a_policy_can_renew_them_for_every_test(jails: Bench) -> None:
    with contextlib.ExitStack() as stack:
        async with jails.cell("strict") as cell:
            begin(cell, WAIT)
            first = await looked_at(jails, cell, stack)
            second = await looked_at(jails, cell, stack)
            cell.end_program()
    assert not {first[name] for name in FRESH} & {second[name] for name in FRESH}


async def test_a_test_that_leaves_a_file_takes_the_namespaces_with_it(jails: Bench, cell: Cell) -> None:
    with contextlib.ExitStack() as stack:
        begin(cell, "open('/tmp/left', 'w').close()\n" + WAIT)
        running = cell.submit(one_run(cell))
        pid = await candidate_of(jails)
        first = stack.enter_context(namespaces_of(pid))
        await eventually(lambda: os.path.exists(f"/proc/{pid}/root/box/tmp/left"), why="the file")
        os.kill(pid, signal.SIGKILL)
        await running
        second = await looked_at(jails, cell, stack)
        cell.end_program()
    assert not {first[name] for name in FRESH} & {second[name] for name in FRESH}


# Each leaves something behind on its first run and says on its second whether it found that.
LEAVES = {
    "a file in the work folder": "path = '/box/work/left'\nfound = os.path.exists(path)\nopen(path, 'w').close()",
    "a file in /tmp": "path = '/tmp/left'\nfound = os.path.exists(path)\nopen(path, 'w').close()",
    "a file in /dev/shm": "path = '/dev/shm/left'\nfound = os.path.exists(path)\nopen(path, 'w').close()",
    "a folder": "path = '/tmp/left'\nfound = os.path.exists(path)\nos.makedirs(path + '/a/b')",
    "a hidden file": "path = '/tmp/.left'\nfound = os.path.exists(path)\nopen(path, 'w').close()",
    "a symbolic link": "path = '/tmp/left'\nfound = os.path.lexists(path)\nos.symlink('/etc', path)",
    "a hard link": "path = '/tmp/left'\nfound = os.path.lexists(path)\n"
    "open('/tmp/one', 'w').close(); os.link('/tmp/one', path)",
    "a file that is taken away again": "import glob\nfound = bool(glob.glob('/tmp/*'))\n"
    "open('/tmp/left', 'w').close(); os.unlink('/tmp/left')",
    "a module beside the program": "found = 'left' in map(str, os.listdir('.'))\nopen('left', 'w').close()",
    "a daemon": "found = bool([n for n in os.listdir('/proc') if n.isdigit() and int(n) not in (1, os.getpid())])\n"
    "if os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  import time; time.sleep(60)\n os._exit(0)",
    "a socket without a name in the file system": "import socket\nlistener = socket.socket(socket.AF_UNIX)\n"
    "try:\n listener.bind('\\0left'); found = False\nexcept OSError:\n found = True\nlistener.listen()\n"
    "if os.fork() == 0:\n os.setsid(); import time; time.sleep(60)",
    "a lock": "import fcntl\nfd = os.open('/box/work/main.py', os.O_RDONLY)\n"
    "try:\n fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB); found = False\nexcept OSError:\n found = True\n"
    "if os.fork() == 0:\n os.setsid(); import time; time.sleep(60)",
    "shared memory by a key": "import ctypes\nfound = ctypes.CDLL(None).shmget(0x51, 4096, 0o600) >= 0\n"
    "ctypes.CDLL(None).shmget(0x51, 4096, 0o1600)",
    "a message queue": "import ctypes\nlibc = ctypes.CDLL(None)\nfound = libc.msgget(0x51, 0o600) >= 0\n"
    "libc.msgget(0x51, 0o1600)",
    "a host name": "found = os.uname()[1] != 'sandbox'\nimport ctypes\nctypes.CDLL(None).sethostname(b'left', 4)",
    "a time stamp": "found = os.stat('/tmp').st_mtime > 4e9\n"
    "try:\n os.utime('/tmp', (5e9, 5e9))\nexcept OSError:\n pass",
    "an extended attribute": "path = '/box/tmp'\nfound = bool(os.listxattr(path))\n"
    "try:\n os.setxattr(path, 'user.left', b'1')\nexcept OSError:\n pass",
}


@pytest.mark.parametrize("what", LEAVES)
async def test_no_test_finds_what_an_earlier_one_left(what: str, cell: Cell) -> None:
    begin(cell, f"import os\n{LEAVES[what]}\nprint('found' if found else 'nothing', flush=True)\n")
    ended = [await cell.submit(one_run(cell)) for _ in range(3)]
    cell.end_program()
    assert [each.stdout for each in ended] == [b"nothing\n"] * 3, ended[-1].stderr.decode()


@pytest.mark.parametrize("what", LEAVES)
async def test_no_program_finds_what_an_earlier_one_left(what: str, cell: Cell) -> None:
    source = f"import os\n{LEAVES[what]}\nprint('found' if found else 'nothing', flush=True)\n"
    ended = [await run(cell, source) for _ in range(2)]
    assert [each.stdout for each in ended] == [b"nothing\n"] * 2, ended[-1].stderr.decode()


async def test_a_program_s_files_are_there_again_for_every_test(cell: Cell) -> None:
    begin(cell, "import os\nprint(sorted(os.listdir('.')))\nopen('other', 'w').close()\n")
    ended = [await cell.submit(one_run(cell)) for _ in range(2)]
    cell.end_program()
    assert [each.stdout for each in ended] == [b"['main.py']\n"] * 2


async def test_seeds_and_pids_do_not_tell_a_program_its_turn(cell: Cell) -> None:
    ended = [await run(cell, "import random\nprint(random.getrandbits(64))\n") for _ in range(3)]
    assert len({each.stdout for each in ended}) == 3

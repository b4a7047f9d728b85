"""Programs that look through /proc, and programs that only pass by."""

from __future__ import annotations

import pytest

from sandbox.jail.cell import Cell
from sandbox.model.outcome import End
from sandbox.model.plan import File
from tests.jail.cells import Bench, begin, one_run, run

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

WALKS = {
    "lists": "import os; os.listdir('/proc')",
    "lists itself": "import os; os.listdir('/proc/self')",
    "walks": "import os; [*os.walk('/proc')]",
    "another": "import os; os.path.exists('/proc/1/cmdline')",
    "everybody": "import os; [os.path.exists(f'/proc/{pid}/maps') for pid in range(50)]",
    "own maps": "open('/proc/self/maps').read()",
    "own memory": "open('/proc/self/mem', 'rb', 0)",
    "arguments": "open('/proc/self/cmdline').read()",
    "environment": "open('/proc/self/environ').read()",
    "by number": "import os; open(f'/proc/{os.getpid()}/maps')",
    "and fails": "open('/proc/self/maps').read(); 1 / 0",
    "and is killed": "import os; os.listdir('/proc'); os.kill(os.getpid(), 9)",
}
PASSES = {
    "nothing": "print(1)",
    "status": "open('/proc/self/status').read(); open('/proc/self/stat').read(); open('/proc/self/statm').read()",
    "the machine": "import os; [os.path.exists(p) for p in ('/proc/cpuinfo', '/proc/meminfo', '/proc/stat', '/proc')]",
    "its own name": "import os; os.readlink('/proc/self/exe'); os.readlink('/proc/self')",
    "standard input": "open('/dev/stdin').read(); open('/dev/stdout', 'w').write('x'); open('/dev/fd/2', 'w')",
    "the root": "import os; os.listdir('/'); os.statvfs('/proc')",
    "commands": "import subprocess; subprocess.run('ls; cat main.py; sort main.py', shell=True, close_fds=True)",
    "a pool": "import multiprocessing\nwith multiprocessing.Pool(2) as pool: pool.map(abs, [1])",
    "threads": "import threading; threading.stack_size(1 << 20); threading.Thread(target=print).start()",
    "limits": "import resource, platform, faulthandler; platform.platform(); faulthandler.enable()",
    "modules": "import ctypes.util, sysconfig, uuid, socket, ssl, tempfile; uuid.uuid1(); tempfile.mkdtemp()",
}


@pytest.mark.parametrize("name", WALKS)
async def test_a_walk_is_noticed(cell: Cell, name: str) -> None:
    assert (await run(cell, WALKS[name])).walked
    assert not (await run(cell, "print(1)")).walked


@pytest.mark.parametrize("name", PASSES)
async def test_passing_by_is_not(cell: Cell, name: str) -> None:
    ended = await run(cell, PASSES[name], stdin=b"x")
    assert (ended.exit_code, ended.walked) == (0, False), ended.stderr


@pytest.mark.parametrize("files", [(), (File("other.py", b""), File("data/x", b"x"))], ids=["one file", "several"])
@pytest.mark.parametrize("policy", ["default", "strict"])
async def test_it_is_a_matter_of_one_test_alone(jails: Bench, policy: str, files: tuple[File, ...]) -> None:
    async with jails.cell(policy) as cell:
        begin(cell, "exec({'n': '', 'o': \"open('/proc/self/maps')\", '1': \"open('/proc/1/maps')\"}[input()])", files)
        lines = [b"n", b"n", b"o", b"n", b"o", b"o", b"n", b"1", b"n", b"n", b"n", b"n", b"1", b"o"]
        told = [(await cell.submit(one_run(cell, line))).walked for line in lines]
        cell.end_program()
    assert told == [line != b"n" for line in lines]


async def test_after_children_and_threads_the_number_is_still_known(cell: Cell) -> None:
    begin(cell, "import os\nif input() == 'o': open('/proc/self/maps')\n[os.fork() or os._exit(0) for _ in range(3)]\n")
    told = [(await cell.submit(one_run(cell, line))).walked for line in (b"n", b"o", b"n", b"o")]
    cell.end_program()
    assert told == [False, True, False, True]


async def test_what_the_init_itself_looks_at_is_nobody_s_walk(cell: Cell) -> None:
    begin(cell, "import time\nif input() == 'wait': time.sleep(9)\n")
    ends = [await cell.submit(one_run(cell, line, wall_time_ms=200)) for line in (b"wait", b"no", b"wait", b"no")]
    cell.end_program()
    assert [ended.end for ended in ends] == [End.WALL, End.EXIT, End.WALL, End.EXIT]
    assert not any(ended.walked for ended in ends)


async def test_a_walk_before_a_limit_is_noticed(cell: Cell) -> None:
    walk = "import os; os.listdir('/proc')\n"
    assert (await run(cell, walk + "import time; time.sleep(9)", wall_time_ms=200)).walked
    assert (await run(cell, walk + "while True: pass", cpu_time_ms=100)).walked

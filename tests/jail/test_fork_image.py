"""What the init hands on to a candidate at the fork: none of another test's bytes, none of another test's files.

Random markers are put into everything that comes from outside, and then searched for in the memory and the descriptors
of the init and of the running candidate, from the host, as root.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox.jail.cell import Cell
from sandbox.model.plan import File
from tests.jail.cells import Bench, begin, one_run, run
from tests.jail.traces import eventually

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

_PIECE = 1 << 20


@dataclass(frozen=True)
class Image:
    """A process: what stands in its memory, and what its descriptors show."""

    memory: bytes
    files: bytes

    def holds(self, marker: str) -> bool:
        return marker.encode() in self.memory

    def shows(self, marker: str) -> bool:
        return marker.encode() in self.files


def image(pid: int) -> Image:
    """A copy of all that a process could read without asking anybody."""
    memory = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            place, rights, *_ = line.split()
            if not rights.startswith("r") or "[v" in line:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, _PIECE):
                with contextlib.suppress(OSError):
                    mem.seek(at)
                    memory.append(mem.read(min(_PIECE, end - at)))
    files = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{number}"
        with contextlib.suppress(OSError):
            files.append(os.readlink(path).encode())
            if stat.S_ISREG(os.stat(path).st_mode):
                with open(path, "rb") as file:
                    files.append(file.read())
    return Image(b"".join(memory), b"\0".join(files))


def marker() -> str:
    return secrets.token_hex(16)


async def test_no_byte_of_another_test_is_in_the_init_or_in_a_candidate(jails: Bench, cell: Cell) -> None:
    earlier = {name: marker() for name in ("source", "stdin", "stdout", "file")}
    begin(
        cell,
        f"print({earlier['stdout']!r})  # {earlier['source']}\n",
        (File("data.txt", earlier["file"].encode()),),
    )
    ended = await cell.submit(one_run(cell, earlier["stdin"].encode()))
    cell.end_program()
    assert earlier["stdout"] in ended.stdout.decode()

    own = {name: marker() for name in ("source", "stdin", "argument")}
    later = {name: marker() for name in ("stdin", "argument", "extra")}
    source = f"import sys, time\nhere = {own['source']!r}, sys.stdin.read()\ntime.sleep(60)\n"
    begin(cell, source)
    first = replace(one_run(cell, own["stdin"].encode()), argv=("main", own["argument"]))
    second = replace(
        one_run(cell, later["stdin"].encode()), argv=("main", later["argument"]), extra=later["extra"].encode()
    )
    running = cell.submit(first)
    # Two more are queued in the channel while the first runs.
    queued = [cell.submit(second), cell.submit(second)]
    (candidate,) = await eventually(jails.spawner.candidates, why="a candidate")
    try:
        # It has begun to sleep once it holds its own input: the proof that this search finds what is there.
        await eventually(lambda: image(candidate.pid).holds(own["stdin"]), why="the program reading its input")
        inside = image(candidate.pid)
        assert inside.holds(own["source"])
        assert inside.holds(own["argument"])
        assert inside.shows(own["stdin"])
        init = image(jails.spawner.init_of(jails.spawner.cell_of(candidate)).pid)
        assert len(init.memory) > 4 << 20
    finally:
        running.cancel()
        for each in queued:
            each.cancel()
        cell.end_program()

    for name, each in earlier.items():
        assert not init.holds(each), f"the init holds the {name} of an earlier program"
        assert not init.shows(each), f"the init can still open the {name} of an earlier program"
        assert not inside.holds(each), f"a candidate holds the {name} of an earlier program"
        assert not inside.shows(each), f"a candidate can open the {name} of an earlier program"
    for name, each in later.items():
        assert not init.holds(each), f"the init holds the {name} of a test to come"
        assert not init.shows(each), f"the init has taken the {name} of a test to come"
        assert not inside.holds(each), f"a candidate holds the {name} of a test to come"
        assert not inside.shows(each), f"a candidate can open the {name} of a test to come"
    for name, each in own.items():
        assert not init.holds(each), f"the init holds the {name} of the test that runs"


async def test_no_byte_of_a_call_is_in_the_init(jails: Bench, cell: Cell) -> None:
    calls = marker()
    begin(cell, "def f(x):\n    import time\n    time.sleep(60)\n")
    job = (
        f'{{"calls": [{{"function": "f", "args": "[\\"{calls}\\"]", "kwargs": "{{}}", "drain": false}}], "seed": null}}'
    )
    running = cell.submit(replace(one_run(cell), mode="call", extra=job.encode(), claims=True))
    (candidate,) = await eventually(jails.spawner.candidates, why="a candidate")
    try:
        await eventually(lambda: image(candidate.pid).holds(calls), why="the driver reading its calls")
        init = image(jails.spawner.init_of(jails.spawner.cell_of(candidate)).pid)
    finally:
        running.cancel()
        cell.end_program()
    assert not init.holds(calls)


async def test_no_name_of_a_file_of_an_earlier_program_is_handed_on(jails: Bench, cell: Cell) -> None:
    names = [marker() for _ in range(300)]
    begin(cell, "print(1)", tuple(File(f"pkg/{name}.py", b"") for name in names))
    await cell.submit(one_run(cell))
    cell.end_program()
    begin(cell, "import time\ntime.sleep(60)\n")
    running = cell.submit(one_run(cell))
    (candidate,) = await eventually(jails.spawner.candidates, why="a candidate")
    inside = image(candidate.pid)
    running.cancel()
    cell.end_program()
    assert [name for name in names if inside.holds(name)] == []


async def test_the_init_holds_no_more_descriptors_after_many_programs(jails: Bench, cell: Cell) -> None:
    init = jails.spawner.init_of(next(each for each in jails.spawner.cells() if each.pid == cell.pid)).pid
    await run(cell, "print(1)")
    before = await settled_descriptors(cell, init)
    for number in range(20):
        await run(cell, f"open('/tmp/{number}', 'w')\nprint(1)")
    assert await settled_descriptors(cell, init) == before


async def settled_descriptors(cell: Cell, init: int) -> list[str]:
    """What the init's descriptors are once it waits for its next message, without the numbers of pipes and sockets."""
    idle = ("unix_", "__skb")
    await eventually(lambda: Path(f"/proc/{init}/wchan").read_text().startswith(idle), why="an init that waits")
    return sorted(os.readlink(f"/proc/{init}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{init}/fd"))

"""How actions end, and that nothing outlives them."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from pathlib import Path

import pytest

from sandbox.jail.actions import ActionRun
from sandbox.jail.cell import Cell
from sandbox.jail.workspace import Workspace
from sandbox.model.outcome import End, JailFault
from tests.actionjail.branches import Branch, branch_of
from tests.actionjail.conftest import Acting, text
from tests.jail.traces import eventually, open_files

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("alive", "a") as file:
                file.write("x")
    os._exit(0)
time.sleep(0.05)
"""


async def test_a_daemon_is_dead_and_writes_no_more_when_the_action_has_ended(acting: Acting, branch: Branch) -> None:
    ended = await acting.python(branch, DAEMON)
    assert (ended.exit_code, ended.alone) == (0, False)
    size = (branch.upper / "alive").stat().st_size
    assert size > 0
    assert acting.actors() == []
    assert (branch.upper / "alive").stat().st_size == size


async def test_descriptors_left_in_a_socket_s_queue_keep_a_branch_for_a_moment_only(
    acting: Acting, branch: Branch
) -> None:
    source = """
import os, socket
one, other = socket.socketpair()
file = os.open("held", os.O_CREAT | os.O_RDWR)
for each in (one, other):
    socket.send_fds(each, [b"x"], [one.fileno(), other.fileno(), file])
"""
    text(await acting.python(branch, source))

    def let_go() -> bool:
        # The kernel looks for them whenever a socket ends, as many do on a machine that serves.
        for end in socket.socketpair():
            end.close()
        try:
            branch.remount()
        except OSError as error:
            assert error.errno == errno.EBUSY
            return False
        return True

    await eventually(let_go, why="the kernel to collect what nobody can receive")


async def test_processes_in_the_background_do_not_prolong_an_action(acting: Acting, branch: Branch) -> None:
    ended = await acting.sh(branch, "nohup sleep 60 & (sleep 60 &) ; sh -c 'trap \"\" TERM HUP; sleep 60' & exit 5")
    assert (ended.end, ended.exit_code) == (End.EXIT, 5)
    assert ended.wall_ms < 10_000
    assert acting.actors() == []


async def test_a_fork_bomb_ends_at_a_limit_and_leaves_nobody(acting: Acting, branch: Branch) -> None:
    bomb = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
    ended = await acting.python(branch, bomb, limits={"cpu_time_ms": 500, "processes": 20})
    assert ended.end is End.CPU
    assert acting.actors() == []
    branch.remount()
    assert text(await acting.sh(branch, "echo next")) == "next\n"


async def test_a_full_branch_is_told_to_the_action_and_does_no_more(acting: Acting, branch: Branch) -> None:
    script = (
        "dd if=/dev/zero of=big bs=1M status=none; echo $?; ln file link; mkdir sub; echo $?; rm big; echo y > small"
    )
    ended = await acting.sh(branch, script)
    assert b"No space left on device" in ended.stderr
    assert text(ended).splitlines()[0] == "1"
    assert (branch.upper / "small").read_text() == "y\n"


async def test_inodes_of_a_branch_come_to_an_end_too(acting: Acting, branch: Branch) -> None:
    source = (
        "import errno, os\ntry:\n    for n in range(10**6): os.mkdir(str(n))\nexcept OSError as e: print(e.errno == 28)"
    )
    assert text(await acting.python(branch, source)) == "True\n"


async def test_attributes_use_up_a_branch_as_files_do(acting: Acting, branch: Branch) -> None:
    source = """
import os
try:
    for number in range(10**6):
        os.setxattr("file", f"user.{number}", bytes(60_000))
except OSError as error:
    print(error.errno == 28)
"""
    assert text(await acting.python(branch, source)) == "True\n"


async def test_what_is_written_counts_as_memory(acting: Acting, branch: Branch) -> None:
    ended = await acting.sh(
        branch, "dd if=/dev/zero of=big bs=1M count=40 status=none", limits={"memory_bytes": 24 << 20}
    )
    assert ended.oom or ended.exit_code == 1
    branch.remount()
    assert text(await acting.sh(branch, "echo next")) == "next\n"


async def test_a_file_larger_than_a_file_may_be_ends_the_command(acting: Acting, branch: Branch) -> None:
    ended = await acting.run(branch, "truncate", "-s", "9M", "big", limits={"file_bytes": 8 << 20})
    assert ended.signal == signal.SIGXFSZ


async def test_time_and_output_are_bounded(acting: Acting, branch: Branch) -> None:
    slept = await acting.run(branch, "sleep", "60", limits={"wall_time_ms": 100})
    assert slept.end is End.WALL
    branch.remount()
    spun = await acting.sh(branch, "while :; do :; done", limits={"cpu_time_ms": 100})
    assert spun.end is End.CPU
    branch.remount()
    printed = await acting.run(branch, "yes", limits={"output_bytes": 1 << 16})
    assert printed.end is End.OUTPUT


async def test_the_next_program_of_the_cell_finds_no_workspace_and_no_scratch(acting: Acting, branch: Branch) -> None:
    text(await acting.sh(branch, "echo x > /tmp/left; echo x > /dev/shm/left; echo x > /box/work/left; echo x > left"))
    branch.remount()
    seen = "ls -A /tmp /dev/shm /box/work; ls -A /workspace"
    assert "left" not in text(await acting.sh(branch, "ls -A /tmp /dev/shm/ /box/work; ipcs 2>/dev/null; true"))
    async with acting.pool.cell(acting.offline) as cell:
        cell.open_program((), 1 << 20)
        run = ActionRun(("sh", "-c", seen), acting.offline.limits, -1, 0, 0)
        ended = await cell.submit(run.plan(), last=True)
    assert ended.exit_code == 0
    assert b"left" not in ended.stdout
    assert b"file" not in ended.stdout


async def test_a_cell_without_a_workspace_runs_its_program_without_capabilities(acting: Acting) -> None:
    async with acting.pool.cell(acting.offline) as cell:
        cell.open_program((), 1 << 20)
        run = ActionRun(("grep", "^Cap[PEA]", "/proc/self/status"), acting.offline.limits, -1, 0, 0)
        ended = await cell.submit(run.plan(), last=True)
    assert set(ended.stdout.decode().split()[1::2]) == {"0" * 16}


async def test_a_cancelled_action_is_dead_a_moment_later_and_the_cell_goes_on(acting: Acting, branch: Branch) -> None:
    running = asyncio.create_task(acting.sh(branch, "sleep 60"))
    await eventually(acting.actors, why="the action")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: not acting.actors(), why="its death")
    branch.remount()
    assert text(await acting.sh(branch, "echo next")) == "next\n"


@pytest.mark.parametrize("wrong", ["a file", "a folder"])
async def test_what_is_no_detached_mount_is_a_fault_and_runs_nothing(
    acting: Acting, branch: Branch, wrong: str
) -> None:
    fd = os.open("/etc/passwd" if wrong == "a file" else "/tmp", os.O_RDONLY)
    try:
        run = ActionRun(("touch", "made"), acting.offline.limits, fd, 0, 0)
        cell = Cell(acting.jails.client, acting.offline)
        await cell.start()
        cell.open_program((), 1 << 20)
        with pytest.raises(JailFault, match="move_mount"):
            await cell.submit(run.plan(), last=True, workspace=Workspace(fd, 0, 0))
        await eventually(lambda: not cell.pid, why="the death of the cell")
    finally:
        os.close(fd)


async def test_a_mount_serves_one_run(acting: Acting, branch: Branch) -> None:
    text(await acting.sh(branch, "true"))
    with pytest.raises(JailFault):
        await acting.sh(branch, "true")


async def test_no_descriptor_and_no_mount_stays_after_many_actions(acting: Acting, lower: Path) -> None:
    def held() -> list[int]:
        spawner = acting.jails.spawner
        inits = [spawner.init_of(cell).pid for cell in spawner.cells()]
        mounts = [len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines()) for pid in (*inits, spawner.pid)]
        return [len(inits), *(open_files(pid) for pid in (os.getpid(), spawner.pid, *inits)), *mounts]

    async def some() -> None:
        for number in range(8):
            with branch_of(lower) as branch:
                way_out = {"on_listener": lambda listening: listening.close()} if number % 2 else {}
                text(await acting.sh(branch, "echo x > made; sleep 9 & true", **way_out))

    await some()
    before = held()
    await some()
    assert held() == before

"""How often an action waits for the disk: flushes, counted by strace in a run of their own.

`python -m bench.undo.flushes FOLDER` is that run: it waits for a line once its spawner is there, so that the jails are
not traced, and looks for a file that tells what is being done before and after each step.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.bars import Bar
from bench.model import BenchError, Progress, Section
from bench.undo.rounds import Sections, Taken
from bench.undo.running import run, runtime, undo
from sandbox.v1 import action_pb2

_CALLS = ("fsync", "fdatasync", "syncfs", "sync_file_range", "sync", "msync")
_TIMES = 5
_MARK = "/bench-undo-mark"
_LINE = re.compile(rf"\b({'|'.join(_CALLS)})\(|{_MARK}-(\w+)")
_STEPS = {
    "pure": "an action without effects",
    "held": "an action that is held",
    "commit": "its commit",
    "undo": "its undo",
    "dropped": "an action that is held, and undone",
    "committed": "an action that is committed at once",
}


def flushes(taken: Taken, progress: Progress) -> Sections:
    """The table, and a bar for an action that leaves its branch."""
    section = Section("flushes of the disk (calls for each)", ("", "in all", *_CALLS[:3]))
    strace = shutil.which("strace")
    if strace is None:
        section.remarks.append("strace is not installed")
        yield section
        return
    progress("a run under strace")
    folder = taken.folder / "flushes"
    folder.mkdir()
    counts = _count(_traced(strace, folder))
    for name, text in _STEPS.items():
        found = {call: counts[name, call] / _TIMES for call in _CALLS}
        total = sum(found.values())
        section.rows.append((text, f"{total:g}", *(f"{found[call]:g}" for call in _CALLS[:3])))
        section.data[name] = found
        if name in ("held", "committed"):
            section.bars.append(Bar.at_most(f"flushes of {text}", total, int(name == "committed"), ""))
    section.remarks.append(f"each {_TIMES} times; checkpoints, of which the journal signs one a second, count too")
    yield section


def _traced(strace: str, folder: Path) -> str:
    out = folder / "strace"
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.undo.flushes", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdout.readline()
        calls = ",".join((*_CALLS, "access", "faccessat", "faccessat2"))
        command = [strace, "-f", "-qq", "-e", f"trace={calls}", "-o", str(out), "-p", str(process.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _attached(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        if process.wait(300):
            raise BenchError("the run under strace failed; it says why above")
        tracer.wait(30)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    return out.read_text()


def _attached(pid: int) -> None:
    """Waits until the process has a tracer."""
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0" in status.read_text():
        os.sched_yield()


def _count(text: str) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    step = ""
    for line in text.splitlines():
        match = _LINE.search(line)
        if match is None or "resumed>" in line:
            continue
        if match[2]:
            step = match[2]
        else:
            found[step, match[1]] += 1
    return found


async def _run(folder: Path) -> None:
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "file").write_bytes(b"one\n")
    async with runtime(folder, folder / "state") as actions:
        await run(actions, workspace, ("true",))
        print("ready", flush=True)
        sys.stdin.readline()

        async def step(name: str, act: Callable[[], Awaitable[Any]]) -> Any:
            os.access(f"{_MARK}-{name}", os.F_OK)
            found = await act()
            os.access(f"{_MARK}-between", os.F_OK)
            return found

        for number in range(_TIMES):
            change = ("sh", "-c", f"echo {number} >> file; echo {number} > new-{number}")
            await step("pure", lambda: run(actions, workspace, ("true",)))
            held = await step("held", lambda: run(actions, workspace, change))  # noqa: B023 - awaited at once
            commit = action_pb2.CommitRequest(id=held.id)
            await step("commit", lambda: actions.commit(commit))  # noqa: B023
            await step("undo", lambda: undo(actions, held.id))  # noqa: B023

            async def dropped() -> None:
                await undo(actions, (await run(actions, workspace, change)).id)  # noqa: B023

            await step("dropped", dropped)
            at_once = await step(
                "committed",
                lambda: run(actions, workspace, change, mode=action_pb2.Action.COMMIT),  # noqa: B023
            )
            await undo(actions, at_once.id)


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))

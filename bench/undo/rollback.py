"""Rolling an episode back, beside git and a database's backup, on a git tree of 100,000 files."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.bars import Bar
from bench.model import BenchError, Progress, Section
from bench.stats import median, ratios
from bench.undo.rounds import Sections, Taken, milliseconds, row
from bench.undo.running import milliseconds_of, run, runtime, undo
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.v1 import action_pb2

_FILES = 100_000
_IN_A_FOLDER = 100
_TIMES = 20
# An episode: ten files (five changed, three new, one of them ignored, two deleted) and three rows.
_EPISODE = """
import os, sqlite3
for number in (0, 11111, 22222, 33333, 44444):
    with open(f"tree/{number // 100}/{number}", "a") as file:
        file.write("changed\\n")
for name in ("new", "9/new", "9/new.ignored"):
    with open(f"tree/{name}", "w") as file:
        file.write("new\\n")
for number in (55555, 66666):
    os.unlink(f"tree/{number // 100}/{number}")
with sqlite3.connect("rows.db") as db:
    db.execute("UPDATE t SET v = 'changed' WHERE id = 1")
    db.execute("DELETE FROM t WHERE id = 2")
    db.execute("INSERT INTO t VALUES (100000, 'new')")
"""


def rollback(taken: Taken, progress: Progress) -> Sections:
    """The table, and the bar for how many times as fast."""
    yield asyncio.run(_measure(taken, progress))


async def _measure(taken: Taken, progress: Progress) -> Section:
    root = taken.folder / "rollback"
    workspace, backup = root / "workspace", root / "rows.backup"
    progress(f"a git tree of {_FILES:,} files")
    _make(workspace)
    _backup(workspace / "rows.db", backup)
    columns: dict[str, list[float]] = {"git": [], "dropped": [], "held": [], "undone": []}
    async with runtime(root, root / "state") as actions:
        for number in range(taken.rounds):
            progress(f"round {number + 1} of {taken.rounds}: rollback")
            subprocess.run(["/usr/bin/env", "python3", "-c", _EPISODE], cwd=workspace, check=True)
            columns["git"].append(milliseconds(lambda: _by_git(workspace, backup)))
            columns["dropped"].append(await _median(lambda: _dropped_branch(actions, workspace), _TIMES))
            columns["held"].append(await _median(lambda: _dropped(actions, workspace), _TIMES))
            columns["undone"].append(await _median(lambda: _undone(actions, workspace), 3))
    text = {
        "git": "git clean -fdx, git reset --hard, the database from its backup",
        "dropped": "this runtime: the episode's branch is discarded",
        "held": "this runtime: a held action is undone",
        "undone": "this runtime: committed, then undone",
    }
    section = Section(
        f"rollback of 10 files and 3 rows on a git tree of {_FILES:,} (ms)",
        ("", "median", "", "times as fast", ""),
    )
    for name, values in columns.items():
        times = ratios(columns["git"], values)
        section.rows.append(row(text[name], values, times))
        if name in ("dropped", "undone"):
            section.bars.append(Bar.at_least(text[name].partition(": ")[2] + ", beside git", median(times), 20))
    section.data.update(columns)
    section.remarks.append("all warm; the second and the fourth leave the workspace as it was, which is checked")
    return section


async def _median(once: Callable[[], object], times: int) -> float:
    return median([await once() for _ in range(times)])  # type: ignore[misc]


async def _dropped_branch(actions: ActionRuntime, workspace: Path) -> float:
    await run(actions, workspace, program=_EPISODE, branch="episode")
    request = action_pb2.UndoRequest(branch="episode")
    return await milliseconds_of(lambda: actions.undo(request))


async def _dropped(actions: ActionRuntime, workspace: Path) -> float:
    held = await run(actions, workspace, program=_EPISODE)
    return await milliseconds_of(lambda: undo(actions, held.id))


async def _undone(actions: ActionRuntime, workspace: Path) -> float:
    committed = await run(actions, workspace, program=_EPISODE, mode=action_pb2.Action.COMMIT)
    if committed.status != action_pb2.Action.COMMITTED or "changed" not in (workspace / "tree/0/0").read_text():
        raise BenchError(f"the episode was not committed: {str(committed)[:1000]}")
    took = await milliseconds_of(lambda: undo(actions, committed.id))
    _check(workspace)
    return took


def _by_git(workspace: Path, backup: Path) -> None:
    tree = workspace / "tree"
    subprocess.run(["git", "clean", "-fdxq"], cwd=tree, check=True)
    subprocess.run(["git", "reset", "--hard", "-q", "HEAD"], cwd=tree, check=True)
    _backup(backup, workspace / "rows.db")
    _check(workspace)


def _check(workspace: Path) -> None:
    with closing(sqlite3.connect(workspace / "rows.db")) as db:
        rows = db.execute("SELECT v FROM t WHERE id IN (1, 2, 100000) ORDER BY id").fetchall()
    there = (workspace / "tree/555/55555").exists() and not (workspace / "tree/9/new.ignored").exists()
    if rows != [("1",), ("2",)] or not there or "changed" in (workspace / "tree/0/0").read_text():
        raise BenchError("what was rolled back is not as it was")


def _backup(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _make(workspace: Path) -> None:
    tree = workspace / "tree"
    for number in range(_FILES):
        folder = tree / f"{number // _IN_A_FOLDER}"
        if number % _IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"{number}").write_bytes(b"%d\n" % number)
    (tree / ".gitignore").write_text("*.ignored\n")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "before"]):
        subprocess.run(["git", *command], cwd=tree, check=True, env=environment)
    with closing(sqlite3.connect(workspace / "rows.db")) as db, db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", [(number, f"{number}") for number in range(10_000)])

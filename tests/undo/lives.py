"""A workspace and its journal, put back before each life; command lines that are killed at their nth system call."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.undo.world import Look, look

# What changes files, folders or the journal; SQLite writes by pwrite64.
CALLS = ",".join(
    [
        *("renameat2", "rename", "renameat", "linkat", "link", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir"),
        *("symlinkat", "symlink", "mknodat", "mknod", "pwrite64", "write", "fdatasync", "fsync", "syncfs"),
        *("fchmod", "fchmodat", "chmod", "fchownat", "fchown", "lchown", "utimensat", "fsetxattr", "setxattr"),
        *("fremovexattr", "removexattr", "ftruncate"),
    ]
)
Kill = tuple[str, int]


@dataclass
class Life:
    """How a process ended, and what each of its command lines did: exit code, stdout, stderr."""

    killed: bool
    ended: list[tuple[int, str, str]]
    calls: list[str]

    def json(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ended[number][1].splitlines()[-1])
        return found


@dataclass
class Lives:
    """`sandbox` on one workspace; `keep` and `put_back` make every life begin alike.

    `boot`: which start of the machine it is for command lines, if not this one.
    """

    folder: Path
    process: subprocess.Popen[str] = field(init=False)
    boot: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.workspace.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.undo.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**self.environment, "TMPDIR": str(self.folder)},
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SANDBOX_HOME": str(self.folder / "home")}

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def act(self, script: str, *options: str) -> str:
        """Runs an action to its end, in a process of its own: it needs a jail. Its id."""
        command = [sys.executable, "-m", "sandbox.cli", "run", "--workspace", str(self.workspace), "--json", *options]
        ended = subprocess.run(
            [*command, "--", "sh", "-euc", script],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended
        found: str = json.loads(ended.stdout.splitlines()[-1])["id"]
        return found

    def live(self, *argvs: list[str], kill: Kill | None = None, traced: bool = False, days: int = 0) -> Life:
        """Runs command lines, one after the other, in one process. `kill`: which call is its end, and which of them."""
        assert self.process.stdin is not None and self.process.stdout is not None
        asked = {
            "argvs": argvs,
            "kill": kill,
            "calls": CALLS if kill or traced else "",
            "days": days,
            "boot": self.boot,
        }
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["killed"] or answer["status"] == 0, answer
        return Life(answer["killed"], [(code, out, err) for code, out, err in answer["ended"]], answer["calls"])

    def deaths(self, argv: list[str], days: int = 0) -> list[Kill]:
        """Where that command line could be killed, in order."""
        life = self.live(argv, traced=True, days=days)
        assert life.ended[0][0] == 0, life.ended
        counted: Counter[str] = Counter()
        found = []
        for call in life.calls:
            counted[call] += 1
            found.append((call, counted[call]))
        return found

    def well(self, *argvs: list[str], days: int = 0) -> Life:
        """The same, where all of them have to end with exit code 0."""
        life = self.live(*argvs, days=days)
        assert [code for code, _, _ in life.ended] == [0] * len(argvs), life.ended
        return life

    def keep(self) -> None:
        for name in ("home", "workspace"):
            shutil.rmtree(self.folder / f"kept-{name}", ignore_errors=True)
            subprocess.run(["cp", "-a", self.folder / name, self.folder / f"kept-{name}"], check=True)

    def put_back(self) -> None:
        for name in ("home", "workspace"):
            shutil.rmtree(self.folder / name)
            subprocess.run(["cp", "-a", self.folder / f"kept-{name}", self.folder / name], check=True)

    def look(self) -> Look:
        """Everything in the workspace. A database is its rows: its file keeps traces of transactions that were not."""
        found = look(self.workspace)
        for name in [each for each in found if each.endswith(".db")]:
            with closing(sqlite3.connect(self.workspace / name)) as db:
                rows = tuple(db.execute("SELECT * FROM t ORDER BY 1"))
            found[name] = rows
            parent = os.path.dirname(name)
            # A journal beside it came and went.
            found[parent] = (*found[parent][:3], "", *found[parent][4:])
        return found


@contextmanager
def lives(folder: Path) -> Iterator[Lives]:
    made = Lives(folder)
    try:
        yield made
    finally:
        made.close()

"""The cases, and the trees that they change."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

_CASES = Path(__file__).parent / "cases.toml"
_MTIME_NS = 1_600_000_000_123_456_789


@dataclass(frozen=True, slots=True)
class Case:
    """One change. See `cases.toml`."""

    name: str
    change: str
    path: str
    before: str = ""
    foreign: str = ""
    repeat: int = 1
    calls: tuple[tuple[str, ...], ...] = ()

    def all_calls(self) -> list[list[str]]:
        """The change in verbs; empty where there are none for it."""
        return [[part.format(number=number) for part in call] for number in range(self.repeat) for call in self.calls]


def cases() -> list[Case]:
    """All of them, in their order."""
    found = tomllib.loads(_CASES.read_text(encoding="utf-8"))["case"]
    return [Case(**{**each, "calls": tuple(map(tuple, each.get("calls", ())))}) for each in found]


def make(case: Case, tree: Path) -> None:
    """The tree before the change: everything has the same old mtime."""
    (tree / "dir" / "sub").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "dir/c.txt", "dir/sub/d.txt", "kept.ignored"):
        (tree / name).write_text(f"{name}\n")
    (tree / ".gitignore").write_text("*.ignored\n")
    if case.before:
        subprocess.run([sys.executable, "-I", "-c", case.before], cwd=tree, check=True)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "advice.addEmbeddedRepo=false", *command], cwd=tree, check=True)
    for folder, folders, files in os.walk(os.fsencode(tree), topdown=False):
        for name in (*folders, *files):
            if b"/.git" not in os.path.join(folder, name):
                os.utime(os.path.join(folder, name), ns=(_MTIME_NS, _MTIME_NS), follow_symlinks=False)
    os.utime(tree, ns=(_MTIME_NS, _MTIME_NS))

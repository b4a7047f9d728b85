"""Opening and throwing away a branch, of small and of large workspaces."""

from __future__ import annotations

import os
from pathlib import Path

from bench.bars import Bar
from bench.model import Progress, Section
from bench.stats import median
from bench.undo.rounds import Sections, Taken, milliseconds, row
from bench.undo.volume import Volume, volume
from sandbox.effects.branches.branch import Branches, open_branches
from sandbox.effects.branches.trash import emptied

_FILES = (1_000, 100_000, 1_000_000)
_IN_A_FOLDER = 1_000
_TIMES = 40
_BRANCH = (64 << 20, 10_000)
_MOST_MS = 2
# Two medians of the same thing differ by as much on a busy machine.
_SAME = 1.5


def branches(taken: Taken, progress: Progress) -> Sections:
    """The table, with a bar for each size and one for their likeness."""
    section = Section(
        "a branch, opened and thrown away (ms)",
        ("files", "warm", "", "cold, the first one", "", "both freed", ""),
    )
    sizes = _FILES[:-1] if taken.quick else _FILES
    medians = []
    with volume(taken.folder, 4 << 30, sum(sizes) // 500 + 100_000) as where:
        for files in sizes:
            progress(f"a tree of {files:,} files")
            tree(where.path / str(files), files)
            warm, freed = _warm(where.path / str(files), taken.rounds)
            cold = [_cold(where, str(files)) for _ in range(taken.rounds)]
            section.rows.append(row(f"{files:,}", warm, cold, freed))
            section.data[f"{files}"] = {"warm": warm, "cold": cold, "freed": freed}
            medians.append(median(warm))
            section.bars.append(Bar.at_most(f"branch open and discard, {files:,} files", medians[-1], _MOST_MS, " ms"))
    section.bars.append(Bar.at_most("the largest tree beside the smallest", medians[-1] / medians[0], _SAME))
    section.remarks += [
        f"warm: medians of {_TIMES} branches a round; freed: the same, waiting until the kernel has taken it all apart",
        "cold: the file system just mounted; the backend is chosen and probed first, then a branch is opened",
    ]
    yield section


def tree(top: Path, files: int) -> None:
    """`files` names in folders of a thousand, each folder's names one file: inodes are not what is measured."""
    for number in range(files // _IN_A_FOLDER):
        folder = top / f"{number // 100}" / f"{number}"
        folder.mkdir(parents=True)
        first = folder / "0"
        first.write_bytes(b"%d\n" % number)
        for each in range(1, _IN_A_FOLDER):
            os.link(first, folder / f"{each}")


def _warm(workspace: Path, rounds: int) -> tuple[list[float], list[float]]:
    maker = open_branches(workspace)
    try:
        found, freed = [], []
        for _ in range(rounds):
            found.append(median([milliseconds(lambda: maker.open(*_BRANCH).discard()) for _ in range(_TIMES)]))
            emptied()
            freed.append(median([milliseconds(lambda: _freed(maker)) for _ in range(10)]))
        return found, freed
    finally:
        maker.close()


def _freed(maker: Branches) -> bool:
    maker.open(*_BRANCH).discard()
    return emptied()


def _cold(where: Volume, name: str) -> float:
    emptied()
    where.remount()
    maker = open_branches(where.path / name)
    try:
        return milliseconds(lambda: maker.open(*_BRANCH).discard())
    finally:
        maker.close()
        emptied()

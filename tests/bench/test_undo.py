"""What the benchmark of the undo runtime reads out of a trace, and how it shows rounds."""

from __future__ import annotations

from bench.undo.flushes import _count
from bench.undo.rounds import row

_TRACE = """\
12 faccessat2(AT_FDCWD, "/bench-undo-mark-held", F_OK, 0) = -1 ENOENT
12 fdatasync(9) = 0
13 syncfs(5 <unfinished ...>
12 faccessat2(7, "ab/cd", F_OK, 0) = 0
13 <... syncfs resumed>) = 0
12 faccessat2(AT_FDCWD, "/bench-undo-mark-between", F_OK, 0) = -1 ENOENT
12 fsync(9) = 0
"""


def test_a_flush_counts_once_and_for_the_step_that_it_falls_into() -> None:
    assert _count(_TRACE) == {("held", "fdatasync"): 1, ("held", "syncfs"): 1, ("between", "fsync"): 1}


def test_a_row_shows_the_median_and_the_range_of_each_column() -> None:
    assert row("name", [3, 1, 2], [5]) == ("name", "2.00", "1.00 … 3.00", "5.00", "5.00 … 5.00")

"""Programs that no example speaks against, and of those the ones of which enough is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.selection.matrix import Cell, Matrix, Row


@dataclass(frozen=True, slots=True)
class Known:
    """Rows with what is known of each at the same tests, and the rows that are left out by a fault of ours."""

    rows: tuple[tuple[Row, tuple[Cell, ...]], ...]
    left_out: tuple[Row, ...]
    # The numbers of the tests that tell something.
    tests: tuple[int, ...]


def survivors(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows that passed every example that is known, and rows of which no example is known though there are some."""
    kept, unknown = [], []
    for row in rows:
        known = [cell for cell in row.examples if not cell.fault]
        if row.examples and not known:
            unknown.append(row)
        elif all(cell.passed for cell in known):
            kept.append(row)
    return kept, unknown


def known(rows: Sequence[Row], matrix: Matrix, part: Callable[[Row], tuple[Cell, ...]]) -> Known:
    """The rows that are known at every test of `part` that ran with any program of the matrix.

    Any program, and not any survivor: who survives may hang on a fault, and no fault may change what others are told
    apart by.
    """
    width = max((len(part(row)) for row in matrix.rows), default=0)
    tests = tuple(test for test in range(width) if any(part(row)[test].ran for row in matrix.rows))
    found, left_out = [], []
    for row in rows:
        cells = tuple(part(row)[test] for test in tests)
        if cells and not any(cell.fault for cell in cells):
            found.append((row, cells))
        else:
            left_out.append(row)
    return Known(tuple(found), tuple(left_out), tests)

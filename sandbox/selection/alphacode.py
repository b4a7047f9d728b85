"""AlphaCode's choice: filter by the examples, cluster by behaviour on inputs, submit one of each largest cluster.

Li et al., "Competition-Level Code Generation with AlphaCode", 2022, sections on filtering and clustering. Their inputs
come from a model that was trained to write them; `inputs.py` stands in for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import JobError
from sandbox.selection.groups import Group, Selection, select
from sandbox.selection.matrix import Cell, Matrix, Row
from sandbox.selection.survivors import known, survivors


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows that behave alike at every input, and how. `runs`: at one input at least the programs ran to their end."""

    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]

    @property
    def runs(self) -> bool:
        """Whether anything ever came out."""
        return any(cell.fingerprint for cell in self.cells)

    @property
    def size(self) -> int:
        """How many programs, equal ones counted each."""
        return sum(len(row.programs) for row in self.rows)


def alphacode(matrix: Matrix, k: int) -> Selection:
    """At most `k` picks; a group's score is its size.

    A cluster that fails at every input has the score 0, however large it is. Raises JobError without inputs.
    """
    clusters, left_out = clustered(matrix)
    groups = [Group.of(each.rows, float(each.size if each.runs else 0)) for each in clusters]
    return select(matrix, groups, left_out, k)


def clustered(matrix: Matrix) -> tuple[list[Cluster], list[Row]]:
    """The survivors of the examples by behaviour, and those that a fault of ours leaves out."""
    if matrix.rows and not any(row.inputs for row in matrix.rows):
        raise JobError("inputs", "there are none, so no behaviours are told apart", "give inputs, or generate some")
    kept, unknown = survivors(matrix.rows)
    found = known(kept, matrix, lambda row: row.inputs)
    return cluster(found.rows), [*found.left_out, *unknown]


def cluster(rows: Sequence[tuple[Row, tuple[Cell, ...]]]) -> list[Cluster]:
    """Rows with equal behaviour at every test, in the order of their first rows."""
    alike: dict[tuple[str, ...], list[tuple[Row, tuple[Cell, ...]]]] = {}
    for row, cells in rows:
        alike.setdefault(tuple(cell.behaviour for cell in cells), []).append((row, cells))
    return [Cluster(tuple(row for row, _ in members), members[0][1]) for members in alike.values()]

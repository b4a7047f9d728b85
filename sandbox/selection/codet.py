"""CodeT's choice: programs and generated tests vouch for each other.

Chen et al., "CodeT: Code Generation with Generated Tests", 2022. A consensus set holds the programs that pass exactly
the same generated tests, S_x, and these tests, S_y. Its score is |S_x| * |S_y|; with `sqrt`, sqrt(|S_x|) * |S_y|, which
trusts the tests more. Equal programs, and equal tests, count as often as they were sampled.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal

from sandbox.errors import JobError
from sandbox.selection.groups import Group, Selection, select
from sandbox.selection.matrix import Matrix, Row
from sandbox.selection.survivors import known, survivors

Score = Literal["product", "sqrt"]


def codet(matrix: Matrix, k: int, score: Score = "product") -> Selection:
    """At most `k` picks, one from each consensus set, best first. Raises JobError without generated tests.

    Programs that fail an example take no part; without examples it is the paper's plain form.
    """
    if matrix.rows and not any(row.generated_tests for row in matrix.rows):
        raise JobError("generated_tests", "there are none to agree with", 'give a list such as ["assert f(1) == 2"]')
    kept, unknown = survivors(matrix.rows)
    found = known(kept, matrix, lambda row: row.generated_tests)
    sets: dict[tuple[int, ...], list[Row]] = {}
    for row, cells in found.rows:
        passed = tuple(test for test, cell in zip(found.tests, cells, strict=True) if cell.passed)
        sets.setdefault(passed, []).append(row)
    groups = [Group.of(rows, _score(rows, tests, score), tests) for tests, rows in sets.items()]
    return select(matrix, groups, [*found.left_out, *unknown], k)


def _score(rows: list[Row], tests: tuple[int, ...], score: Score) -> float:
    programs = sum(len(row.programs) for row in rows)
    return (sqrt(programs) if score == "sqrt" else float(programs)) * len(tests)

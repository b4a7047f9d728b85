"""From the wire to plain data."""

from __future__ import annotations

import pytest

from sandbox.errors import SandboxError
from sandbox.selection import Cell, Matrix
from sandbox.v1 import matrix_pb2, verdict_pb2


def test_cells_keep_what_is_known_and_a_fault_is_nothing_but_a_fault():
    row = matrix_pb2.MatrixRow(
        programs=[1, 2],
        examples=[matrix_pb2.Cell(status=verdict_pb2.WRONG_ANSWER, passed=False)],
        inputs=[matrix_pb2.Cell(status=verdict_pb2.ACCEPTED, fingerprint="sha256:0")],
        generated_tests=[matrix_pb2.Cell(fault=verdict_pb2.STARVED)],
    )
    skipped = matrix_pb2.Cell(status=verdict_pb2.SKIPPED)
    first = matrix_pb2.MatrixRow(programs=[0], examples=[skipped], inputs=[skipped], generated_tests=[skipped])
    found = Matrix.of(matrix_pb2.MatrixResponse(rows=[row, first]))
    assert [each.programs for each in found.rows] == [(0,), (1, 2)]
    assert found.rows[0].examples == (Cell("SKIPPED"),)
    assert found.rows[1].examples == (Cell("WRONG_ANSWER", False),)
    assert found.rows[1].inputs == (Cell("ACCEPTED", None, "sha256:0"),)
    assert found.rows[1].generated_tests == (Cell(fault="STARVED"),)
    assert (found.samples, found.faults) == (3, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [{"programs": [1]}],
        [{"programs": [0]}, {"programs": [0, 1]}],
        [{"programs": [0]}, {"programs": []}],
        [{"programs": [0], "examples": [{"status": 9}]}, {"programs": [1]}],
        [{"programs": [0], "examples": [{"status": 4711}]}],
        [{"programs": [0], "examples": [{"fault": 4711}]}],
    ],
)
def test_rows_that_do_not_fit_together_are_no_matrix(rows):
    answer = matrix_pb2.MatrixResponse(rows=[matrix_pb2.MatrixRow(**row) for row in rows])
    with pytest.raises(SandboxError, match="matrix cannot be read"):
        Matrix.of(answer)


def test_the_behaviour_at_an_input_is_what_came_out_or_how_it_failed():
    assert Cell("ACCEPTED", fingerprint="sha256:0").behaviour == "sha256:0"
    assert Cell("TIME_LIMIT").behaviour == "TIME_LIMIT"

"""From the wire to plain data."""

from __future__ import annotations

from sandbox.selection import Cell, Matrix
from sandbox.v1 import matrix_pb2, verdict_pb2


def test_cells_keep_what_is_known_and_a_fault_is_nothing_but_a_fault():
    row = matrix_pb2.MatrixRow(
        programs=[1, 3],
        examples=[matrix_pb2.Cell(status=verdict_pb2.WRONG_ANSWER, passed=False)],
        inputs=[matrix_pb2.Cell(status=verdict_pb2.ACCEPTED, fingerprint="sha256:0")],
        generated_tests=[matrix_pb2.Cell(fault=verdict_pb2.STARVED)],
    )
    first = matrix_pb2.MatrixRow(programs=[0], examples=[matrix_pb2.Cell(status=verdict_pb2.SKIPPED)])
    found = Matrix.of(matrix_pb2.MatrixResponse(rows=[row, first]))
    assert [each.programs for each in found.rows] == [(0,), (1, 3)]
    assert found.rows[0].examples == (Cell("SKIPPED"),)
    assert found.rows[1].examples == (Cell("WRONG_ANSWER", False),)
    assert found.rows[1].inputs == (Cell("ACCEPTED", None, "sha256:0"),)
    assert found.rows[1].generated_tests == (Cell(fault="STARVED"),)
    assert (found.samples, found.faults) == (3, 1)


def test_the_behaviour_at_an_input_is_what_came_out_or_how_it_failed():
    assert Cell("ACCEPTED", fingerprint="sha256:0").behaviour == "sha256:0"
    assert Cell("TIME_LIMIT").behaviour == "TIME_LIMIT"

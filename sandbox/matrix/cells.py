"""Cells, from test results and from faults. Pure."""

from __future__ import annotations

import signal

from sandbox.v1 import job_pb2, matrix_pb2, verdict_pb2


def cell_of(result: verdict_pb2.TestResult, test: job_pb2.Test) -> matrix_pb2.Cell:
    """The cell of a test that was judged."""
    cell = matrix_pb2.Cell(
        status=result.status,
        fingerprint=result.fingerprint,
        error_class=result.error_class or _died_of(result),
        stdout=result.stdout,
        stdout_size=result.stdout_size,
    )
    if not test.observe and result.status != verdict_pb2.SKIPPED:
        cell.passed = result.status == verdict_pb2.ACCEPTED
    return cell


def skipped_cell() -> matrix_pb2.Cell:
    """The cell of a test that was not worth running."""
    return matrix_pb2.Cell(status=verdict_pb2.SKIPPED)


def fault_cell(fault: verdict_pb2.Fault) -> matrix_pb2.Cell:
    """The cell of a test that we failed at."""
    return matrix_pb2.Cell(fault=fault.kind or verdict_pb2.INTERNAL)


def _died_of(result: verdict_pb2.TestResult) -> str:
    """What the jail saw of a test that does not say itself what its program died of."""
    if result.status != verdict_pb2.RUNTIME_ERROR:
        return ""
    if result.signal:
        known = {each.value: each.name for each in signal.Signals}
        return known.get(result.signal, f"signal {result.signal}")
    return f"exit {result.exit_code}" if result.exit_code else ""

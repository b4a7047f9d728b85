"""A report as plain data: what `sandbox admit --json` prints, one object a line."""

from __future__ import annotations

from typing import Any

from sandbox.admission.examine import Report
from sandbox.admission.vectors import Vector
from sandbox.model.status import Stage, worst


def report_data(report: Report) -> dict[str, Any]:
    """`admitted` is null where a fault of ours left it open; `faults` then says what it was."""
    return {
        "id": report.id,
        "admitted": report.admitted,
        "reasons": [*report.reasons],
        "notes": [*report.notes],
        "faults": [*report.faults],
        "tests": [{"id": name, "flags": [*flags]} for name, flags in report.tests],
        "runs": [_run(vector) for vector in report.runs],
    }


def _run(vector: Vector) -> dict[str, Any]:
    accepted = sum(stage is Stage.ACCEPTED for stage in vector.stages)
    return {"program": vector.label, "status": worst(vector.stages).name, "accepted": accepted}

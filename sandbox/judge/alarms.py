"""Names of alarms: what each stands for is said in the contract (`Integrity.alarms`)."""

from __future__ import annotations

CANARY_PASSED = "canary_passed"
CANDIDATE_OPERATOR = "candidate_operator"
DENIED_CALLS = "denied_calls"
EQUALITY_OVERRIDE = "equality_override"
ORACLE_FROM_CANDIDATE = "oracle_from_candidate"
PROCESSES_LEFT = "processes_left"
PROC_WALK = "proc_walk"


def operator_alarms(used: bool, defined: bool) -> tuple[str, ...]:
    """What the test's side of a split test has met: operators of the program's own that were asked, or were not."""
    return (*([CANDIDATE_OPERATOR] if used else []), *([EQUALITY_OVERRIDE] if defined else []))

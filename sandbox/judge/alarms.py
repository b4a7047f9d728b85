"""Names of alarms: what each stands for is said in the contract (`Integrity.alarms`)."""

from __future__ import annotations

CANARY_PASSED = "canary_passed"
CANDIDATE_OPERATOR = "candidate_operator"
DENIED_CALLS = "denied_calls"
EQUALITY_OVERRIDE = "equality_override"
ORACLE_FROM_CANDIDATE = "oracle_from_candidate"
PROCESSES_LEFT = "processes_left"
PROC_WALK = "proc_walk"

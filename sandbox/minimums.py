"""Isolation and integrity that a job has at least: what its policy asks for, raised by what it asks for itself.

A job that asks for less than its policy lowers nothing: its own minimum only says what it would accept. What the
machine or a kind of test cannot give is refused, with the field that asks for it, and never lowered. Pure.
"""

from __future__ import annotations

from sandbox.errors import JobError
from sandbox.model.integrity import Integrity
from sandbox.model.isolation import Isolation
from sandbox.policies import Policy
from sandbox.v1 import job_pb2


def refuse_isolation(policy: Policy, wanted: int, given: Isolation) -> None:
    """Raises JobError where `policy`, or the job's own `wanted` (0: it does not say), is more than what is `given`."""
    if wanted > given:
        why = f"{Isolation(wanted).name} is more than this server has"
        raise JobError("min_isolation", why, given.name, reject="FAILED_PRECONDITION")
    minimum = policy.table.isolation.tier
    if minimum > given:
        asks = f"{policy.name!r} asks for isolation {minimum.name} ({_origin(policy, 'isolation')})"
        fix = f"another policy, or a server whose jails are {minimum.name}"
        raise JobError("policy", f"{asks}, but this server has {given.name}", fix, reject="FAILED_PRECONDITION")


def refuse_integrity(policy: Policy, request: job_pb2.ScoreRequest, found: Integrity, field: str) -> None:
    """Raises JobError where the test at `field`, which is worth `found`, is less than the job or its policy takes."""
    own = Integrity(request.min_integrity or Integrity.SPLIT)
    minimum = policy.table.integrity.level
    if found >= max(own, minimum):
        return
    by_policy = minimum > own
    wanted = max(own, minimum)
    if found is Integrity.SPLIT:
        why, fix = "cannot be lifted out of its process", "asserts that compare one call with a literal"
    else:
        why, fix = "runs in the program's own process", "in_process = false"
    if by_policy:
        asks = f"{policy.name!r} asks for integrity {wanted.name} ({_origin(policy, 'integrity')})"
        fix = f"another policy, or {fix}"
    elif found is Integrity.SPLIT:
        asks, fix = wanted.name, f"SPLIT, or {fix}"
    else:
        asks, fix = wanted.name, f"IN_PROCESS, when a program that forges its results may be paid; or {fix}"
    what = f"the code of {field}" if found is Integrity.SPLIT else field
    raise JobError(
        "policy" if by_policy else "min_integrity", f"{asks}, but {what} {why}", fix, reject="FAILED_PRECONDITION"
    )


def _origin(policy: Policy, table: str) -> str:
    return str(policy.origin(table, "minimum") or "the default")

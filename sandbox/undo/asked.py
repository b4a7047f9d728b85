"""From a request to an action that can be run: every name resolved, every number bounded. Pure but for the catalog."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from sandbox.catalog import Catalog
from sandbox.effects.globs import PathGlob
from sandbox.errors import JobError
from sandbox.minimums import refuse_isolation
from sandbox.model.plan import CellPlan, File, TestPlan
from sandbox.plan import tighten
from sandbox.planner import Planner
from sandbox.policies import Policy
from sandbox.programs import program_files
from sandbox.undo.databases import checked_names
from sandbox.v1 import action_pb2

POLICY = "actions"
_MODES = {
    action_pb2.Action.HOLD: "hold",
    action_pb2.Action.COMMIT: "commit",
    action_pb2.Action.DRY_RUN: "dry_run",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A database that a transaction is held on: an SQLite file in the workspace, or one of PostgreSQL by its name."""

    backend: Literal["sqlite", "postgres"]
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that can be run. `argv`: as the record shows it."""

    plan: CellPlan
    files: tuple[File, ...]
    test: TestPlan
    policy: Policy
    argv: tuple[str, ...]
    mode: str
    request_digest: str
    idempotency_key: str = ""
    principal: str = ""
    traceparent: str = ""
    branch: str = ""
    branch_from: str = ""
    # SQLite files in the workspace that are told, and committed, row by row.
    databases: tuple[str, ...] = ()
    # The name of a PostgreSQL database of the server.
    postgres: str = ""
    # SQL for a held transaction of `held`, in place of a command.
    statements: tuple[str, ...] = ()
    held: Held | None = None


def asked(request: action_pb2.ExecuteRequest, catalog: Catalog, planner: Planner) -> Asked:
    """Checks a request that `sandbox/undo/bounds.py` let through. Raises JobError."""
    policy = catalog.policy(request.policy or POLICY)
    refuse_isolation(policy, 0, catalog.isolation)
    limits = tighten(policy.limits, request.limits, "limits")
    environment = tuple(sorted(request.environment.items()))
    python = catalog.runtime("python")
    files: tuple[File, ...] = ()
    argv: tuple[str, ...]
    held = None
    if request.statements:
        held = _held(request.databases[0].name, policy)
        argv = ("sql", *request.statements)
        test = TestPlan("command", limits, argv=argv)
    elif request.command:
        argv = tuple(request.command)
        test = TestPlan("command", limits, stdin=request.stdin, argv=argv, environment=environment)
    else:
        runtime = catalog.runtime(request.program.language)
        if runtime.table.interpreter is None:
            raise JobError(
                "program.language", f"{runtime.name} programs do not act", "a Python program, or a command that runs it"
            )
        files, main = program_files(request.program, runtime)
        if main != "main.py":
            raise JobError("program.main", f"{main!r} cannot be run here", "call the file main.py")
        argv = ("python3", main, *request.program.argv)
        test = TestPlan(
            "main", limits, stdin=request.stdin, argv=("main", *request.program.argv), environment=environment
        )
    return Asked(
        plan=planner.action(python, policy),
        files=files,
        test=test,
        policy=policy,
        argv=argv,
        mode=_MODES[request.mode],
        request_digest=_digest(request),
        idempotency_key=request.idempotency_key,
        principal=request.principal,
        traceparent=request.traceparent,
        branch=request.branch,
        branch_from=request.branch_from,
        databases=_sqlite(request, policy),
        postgres=_postgres(request, policy) if held is None else "",
        statements=tuple(request.statements),
        held=held,
    )


def _sqlite(request: action_pb2.ExecuteRequest, policy: Policy) -> tuple[str, ...]:
    """SQLite files of mode JOURNAL; one of mode BRANCH is a file like others. Raises JobError."""
    granted = policy.table.actions.postgres
    names = [
        each.name for each in request.databases if each.mode == action_pb2.Database.JOURNAL and each.name not in granted
    ]
    if names and request.branch:
        raise JobError(
            "databases", "a branch that is kept has its databases as files", "mode BRANCH, or leave `branch` out"
        )
    return checked_names(names, "databases")


def _held(name: str, policy: Policy) -> Held:
    """The database of a held transaction. Raises JobError for a file that the policy does not let an action change."""
    if name in policy.table.actions.postgres:
        return Held("postgres", name)
    (path,) = checked_names([name], "databases")
    rules = policy.table.actions
    allowed = any(PathGlob(text).matches(path) for text in rules.allow)
    if not allowed or any(PathGlob(text).matches_above(path) for text in rules.deny):
        why = f"policy {policy.name!r} lets nothing change {path!r}"
        raise JobError("databases", why, "another policy", reject="PERMISSION_DENIED")
    return Held("sqlite", path)


def _postgres(request: action_pb2.ExecuteRequest, policy: Policy) -> str:
    """The PostgreSQL database that is asked for, by a name that the policy grants. Raises JobError."""
    granted = policy.table.actions.postgres
    names = [each.name for each in request.databases if each.name in granted]
    if len(names) > 1:
        raise JobError("databases", f"{names[0]} and {names[1]} are both of PostgreSQL", "one for each action")
    return names[0] if names else ""


def _digest(request: action_pb2.ExecuteRequest) -> str:
    """Of all that the request asks for; who asks, and in whose trace, is no part of it."""
    plain = action_pb2.ExecuteRequest()
    plain.CopyFrom(request)
    plain.ClearField("traceparent")
    plain.ClearField("idempotency_key")
    return hashlib.sha256(plain.SerializeToString(deterministic=True)).hexdigest()

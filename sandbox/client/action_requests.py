"""Python values as requests of ActionService; what a field cannot hold is Rejected, naming the field."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, Unpack

from sandbox.client.errors import Rejected, known
from sandbox.client.fields import limits_message
from sandbox.v1 import action_pb2, job_pb2


class ExecuteOptions(TypedDict, total=False):
    """Keyword arguments of `execute`, by the proto's names.

    `mode`: "HOLD" (when not given), "COMMIT" or "DRY_RUN". `databases`: names, or a mapping of names to "BRANCH",
    "JOURNAL" or "HELD". `statements`: SQL for one that is HELD, in place of a command. `idempotency_key`: one is made
    where none is given, so that sending again is safe.
    """

    program: job_pb2.Program
    stdin: str | bytes
    policy: str
    limits: Mapping[str, int]
    mode: str
    idempotency_key: str
    environment: Mapping[str, str]
    branch: str
    branch_from: str
    databases: Iterable[str] | Mapping[str, str]
    statements: Sequence[str]
    traceparent: str
    principal: str
    timeout_ms: int


def execute_request(
    workspace: str, command: Sequence[str], **options: Unpack[ExecuteOptions]
) -> action_pb2.ExecuteRequest:
    """A request to run a command, or the program in `options`. Raises Rejected."""
    if isinstance(command, str):
        raise Rejected("command", "is one text", "give a list of words, as ['sh', '-c', 'ls -l']")
    statements = options.get("statements", ())
    if isinstance(statements, str):
        raise Rejected("statements", "is one text", "give a list of statements")
    request = action_pb2.ExecuteRequest(
        workspace=workspace,
        statements=statements,
        command=command,
        program=options.get("program"),
        policy=options.get("policy", ""),
        mode=known("mode", options.get("mode", "HOLD"), action_pb2.Action.Mode.keys()),
        idempotency_key=options.get("idempotency_key") or uuid.uuid4().hex,
        environment=options.get("environment"),
        branch=options.get("branch", ""),
        branch_from=options.get("branch_from", ""),
        databases=_databases(options.get("databases", ())),
        traceparent=options.get("traceparent", ""),
        principal=options.get("principal", ""),
        timeout_ms=options.get("timeout_ms", 0),
    )
    stdin = options.get("stdin", b"")
    request.stdin = stdin.encode() if isinstance(stdin, str) else stdin
    if limits := options.get("limits"):
        request.limits.CopyFrom(limits_message("limits", limits))
    return request


def undo_request(
    id: str = "", to: str = "", branch: str = "", cascade: bool = False, rebase: bool = False, dry_run: bool = False
) -> action_pb2.UndoRequest:
    """A request to take back. Raises Rejected where later writers would be dealt with in two ways."""
    if cascade and rebase:
        raise Rejected("later", "cascade and rebase are both asked for", "choose one")
    later = "CASCADE" if cascade else "REBASE" if rebase else "REFUSE"
    return action_pb2.UndoRequest(id=id, to=to, branch=branch, later=later, dry_run=dry_run)


def _databases(given: Iterable[str] | Mapping[str, str]) -> list[action_pb2.Database]:
    if isinstance(given, str):
        raise Rejected("databases", "is one text", "give a list of names")
    modes = given if isinstance(given, Mapping) else dict.fromkeys(given, "BRANCH")
    names = action_pb2.Database.Mode.keys()
    return [
        action_pb2.Database(name=name, mode=known(f"databases[{name!r}].mode", mode, names))
        for name, mode in modes.items()
    ]

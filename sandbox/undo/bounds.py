"""What a request of the action service may hold: sizes, names, which fields go together. Nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from sandbox.errors import JobError
from sandbox.v1 import action_pb2

# Bytes of a request but for Execute, which may carry a program and its input.
REQUEST_BYTES = 1 << 20
# As execve(2) bounds them.
_ARGUMENTS, _ARGUMENT_BYTES, _ALL_ARGUMENT_BYTES = 16_384, 128 << 10, 2 << 20
_VARIABLES, _DATABASES, _PATH_BYTES = 1024, 64, 4096
_STATEMENTS, _STATEMENT_BYTES = 1000, 1 << 20
LIST_LIMIT = 1000
TEXT_BYTES = 1 << 20
# Safe as the name of a file, too.
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@:-]{0,127}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def check(request: Message) -> None:
    """Raises JobError, with the field and the fix, for a request that no runtime has to look at."""
    if not isinstance(request, action_pb2.ExecuteRequest) and request.ByteSize() > REQUEST_BYTES:
        raise JobError("", f"the request has {request.ByteSize()} bytes", f"at most {REQUEST_BYTES} are read")
    found = _CHECKS.get(type(request))
    if found is not None:
        found(request)


def _execute(request: action_pb2.ExecuteRequest) -> None:
    if not request.workspace:
        raise JobError("workspace", "is missing", "name the folder that the action may change")
    _path("workspace", request.workspace)
    given = [bool(request.command), request.HasField("program"), bool(request.statements)]
    if sum(given) != 1:
        raise JobError("command", "give one of: a command, a program, statements", "leave the others out")
    held = [each for each in request.databases if each.mode == action_pb2.Database.HELD]
    if request.statements:
        _statements(request, len(held))
    elif held:
        raise JobError("databases", "a held transaction is for statements", "mode BRANCH or JOURNAL for commands")
    if request.command and not request.command[0]:
        raise JobError("command[0]", "is empty", "name a program")
    _strings("command", request.command, _ARGUMENTS)
    _environment(request.environment)
    if request.branch:
        branch("branch", request.branch)
    if request.branch_from:
        branch("branch_from", request.branch_from)
        if not request.branch:
            raise JobError("branch_from", "starts no branch", "name the new branch, in `branch`")
    if len(request.databases) > _DATABASES:
        raise JobError("databases", f"{len(request.databases)} are named", f"at most {_DATABASES}")
    for number, database in enumerate(request.databases):
        _path(f"databases[{number}].name", database.name)
        _enum(f"databases[{number}].mode", database.mode, action_pb2.Database.Mode)
    names = [database.name for database in request.databases]
    if len({*names}) < len(names):
        raise JobError("databases", "one is named twice", "name each once")
    _enum("mode", request.mode, action_pb2.Action.Mode)
    _short("policy", request.policy)
    _short("idempotency_key", request.idempotency_key)
    _short("principal", request.principal)
    if request.traceparent and not _TRACEPARENT.fullmatch(request.traceparent):
        raise JobError(
            "traceparent", "is no W3C trace context", "write it like 00-TRACE_ID-SPAN_ID-01, or leave it out"
        )


def _statements(request: action_pb2.ExecuteRequest, held: int) -> None:
    for field in ("stdin", "environment", "branch", "branch_from"):
        if getattr(request, field):
            raise JobError(field, "is not for statements", "leave it out")
    if held != 1 or len(request.databases) != 1:
        raise JobError("databases", "statements need one database of mode HELD", "name the one that they are for")
    size = 0
    for number, statement in enumerate(request.statements):
        if not statement.strip() or "\0" in statement:
            raise JobError(f"statements[{number}]", "is no statement", "SQL, without NUL")
        size += len(statement.encode())
    if len(request.statements) > _STATEMENTS or size > _STATEMENT_BYTES:
        raise JobError(
            "statements", "are too many, or too long", f"at most {_STATEMENTS}, of {_STATEMENT_BYTES} bytes together"
        )


def _environment(variables: Mapping[str, str]) -> None:
    for name in variables:
        if not name or "=" in name:
            raise JobError("environment", f"{name!r} is no name of a variable", "NAME, without =")
    _strings("environment", [f"{name}={value}" for name, value in variables.items()], _VARIABLES)


def _undo(request: action_pb2.UndoRequest) -> None:
    given = [name for name in ("id", "to", "branch") if getattr(request, name)]
    if len(given) != 1:
        raise JobError("id", f"{' and '.join(given) or 'nothing'} is given", "give exactly one of: id, to, branch")
    if request.branch:
        branch("branch", request.branch)
    else:
        action_id(given[0], getattr(request, given[0]))
    _enum("later", request.later, action_pb2.UndoRequest.LaterWriters)


def _one(
    request: action_pb2.GetActionRequest | action_pb2.DiffRequest | action_pb2.CommitRequest | action_pb2.RedoRequest,
) -> None:
    action_id("id", request.id)
    if isinstance(request, action_pb2.DiffRequest) and request.text_bytes > TEXT_BYTES:
        raise JobError("text_bytes", f"{request.text_bytes} is too much", f"at most {TEXT_BYTES}")


def _list(request: action_pb2.ListActionsRequest) -> None:
    _path("workspace", request.workspace, needed=False)
    if request.branch:
        branch("branch", request.branch)
    if request.limit > LIST_LIMIT:
        raise JobError("limit", f"{request.limit} is too much", f"at most {LIST_LIMIT}")


def _verify(request: action_pb2.VerifyRequest) -> None:
    if request.id:
        action_id("id", request.id)


def _watch(request: action_pb2.WatchRequest) -> None:
    _path("workspace", request.workspace, needed=False)


def action_id(field: str, value: str) -> None:
    """An action's id, or a beginning of one. Raises JobError."""
    if not _ID.fullmatch(value):
        raise JobError(
            field, f"{value[:40]!r} is no id of an action" if value else "is missing", "`sandbox log` lists them"
        )


def branch(field: str, value: str) -> None:
    """A branch's name. Raises JobError."""
    if not _BRANCH.fullmatch(value):
        raise JobError(field, f"{value[:40]!r} is no name of a branch", "letters, digits and ._+@:- , at most 128")


def _path(field: str, value: str, needed: bool = True) -> None:
    if (needed and not value) or "\0" in value or len(value.encode()) > _PATH_BYTES:
        raise JobError(field, "is no path" if value else "is missing", f"at most {_PATH_BYTES} bytes, no NUL")


def _short(field: str, value: str) -> None:
    if len(value) > 256 or not value.isprintable():
        raise JobError(field, "is too long or not printable", "at most 256 printable characters")


def _strings(field: str, values: Iterable[str], most: int) -> None:
    sizes = []
    for value in values:
        if "\0" in value:
            raise JobError(field, "holds a NUL", "no system call could carry it")
        sizes.append(len(value.encode()))
    if len(sizes) > most or sum(sizes) > _ALL_ARGUMENT_BYTES or max(sizes, default=0) >= _ARGUMENT_BYTES:
        raise JobError(field, "is too long", f"at most {most}, each below {_ARGUMENT_BYTES} bytes; put it into a file")


def _enum(field: str, value: int, kind: EnumTypeWrapper) -> None:
    if value not in kind.values():
        raise JobError(field, f"{value} is not known", f"one of: {', '.join(kind.keys())}")


_CHECKS: dict[type[Message], Callable[..., None]] = {
    action_pb2.ExecuteRequest: _execute,
    action_pb2.UndoRequest: _undo,
    action_pb2.GetActionRequest: _one,
    action_pb2.DiffRequest: _one,
    action_pb2.CommitRequest: _one,
    action_pb2.RedoRequest: _one,
    action_pb2.ListActionsRequest: _list,
    action_pb2.VerifyRequest: _verify,
    action_pb2.WatchRequest: _watch,
}

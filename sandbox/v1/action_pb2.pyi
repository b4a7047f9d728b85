from sandbox.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExecuteRequest(_message.Message):
    __slots__ = ("workspace", "command", "program", "stdin", "policy", "limits", "mode", "idempotency_key", "environment", "branch", "branch_from", "databases", "traceparent", "principal", "timeout_ms", "statements")
    class EnvironmentEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FROM_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    workspace: str
    command: _containers.RepeatedScalarFieldContainer[str]
    program: _job_pb2.Program
    stdin: bytes
    policy: str
    limits: _job_pb2.Limits
    mode: Action.Mode
    idempotency_key: str
    environment: _containers.ScalarMap[str, str]
    branch: str
    branch_from: str
    databases: _containers.RepeatedCompositeFieldContainer[Database]
    traceparent: str
    principal: str
    timeout_ms: int
    statements: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, workspace: _Optional[str] = ..., command: _Optional[_Iterable[str]] = ..., program: _Optional[_Union[_job_pb2.Program, _Mapping]] = ..., stdin: _Optional[bytes] = ..., policy: _Optional[str] = ..., limits: _Optional[_Union[_job_pb2.Limits, _Mapping]] = ..., mode: _Optional[_Union[Action.Mode, str]] = ..., idempotency_key: _Optional[str] = ..., environment: _Optional[_Mapping[str, str]] = ..., branch: _Optional[str] = ..., branch_from: _Optional[str] = ..., databases: _Optional[_Iterable[_Union[Database, _Mapping]]] = ..., traceparent: _Optional[str] = ..., principal: _Optional[str] = ..., timeout_ms: _Optional[int] = ..., statements: _Optional[_Iterable[str]] = ...) -> None: ...

class Database(_message.Message):
    __slots__ = ("name", "mode")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BRANCH: _ClassVar[Database.Mode]
        JOURNAL: _ClassVar[Database.Mode]
        HELD: _ClassVar[Database.Mode]
    BRANCH: Database.Mode
    JOURNAL: Database.Mode
    HELD: Database.Mode
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    mode: Database.Mode
    def __init__(self, name: _Optional[str] = ..., mode: _Optional[_Union[Database.Mode, str]] = ...) -> None: ...

class ExecuteResponse(_message.Message):
    __slots__ = ("action", "stdout", "stderr")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    action: Action
    stdout: bytes
    stderr: bytes
    def __init__(self, action: _Optional[_Union[Action, _Mapping]] = ..., stdout: _Optional[bytes] = ..., stderr: _Optional[bytes] = ...) -> None: ...

class Action(_message.Message):
    __slots__ = ("id", "status", "workspace", "branch", "command", "mode", "exit_code", "signal", "ended_by", "effect_class", "effects", "residue", "pre_root", "post_root", "final_root", "backend", "limits", "refused", "redo_of", "redone_by", "policy_hash", "principal", "created_ms", "expires_ms", "cpu_ms", "wall_ms", "peak_memory_bytes", "rewards", "error")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        HOLD: _ClassVar[Action.Mode]
        COMMIT: _ClassVar[Action.Mode]
        DRY_RUN: _ClassVar[Action.Mode]
    HOLD: Action.Mode
    COMMIT: Action.Mode
    DRY_RUN: Action.Mode
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNKNOWN: _ClassVar[Action.Status]
        PLANNED: _ClassVar[Action.Status]
        DENIED: _ClassVar[Action.Status]
        RUNNING: _ClassVar[Action.Status]
        HELD: _ClassVar[Action.Status]
        COMMITTED: _ClassVar[Action.Status]
        DISCARDED: _ClassVar[Action.Status]
        FAILED: _ClassVar[Action.Status]
        IN_DOUBT: _ClassVar[Action.Status]
        UNDOING: _ClassVar[Action.Status]
        UNDONE: _ClassVar[Action.Status]
        QUARANTINED: _ClassVar[Action.Status]
        EXPIRED: _ClassVar[Action.Status]
    UNKNOWN: Action.Status
    PLANNED: Action.Status
    DENIED: Action.Status
    RUNNING: Action.Status
    HELD: Action.Status
    COMMITTED: Action.Status
    DISCARDED: Action.Status
    FAILED: Action.Status
    IN_DOUBT: Action.Status
    UNDOING: Action.Status
    UNDONE: Action.Status
    QUARANTINED: Action.Status
    EXPIRED: Action.Status
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    EFFECT_CLASS_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    RESIDUE_FIELD_NUMBER: _ClassVar[int]
    PRE_ROOT_FIELD_NUMBER: _ClassVar[int]
    POST_ROOT_FIELD_NUMBER: _ClassVar[int]
    FINAL_ROOT_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REDO_OF_FIELD_NUMBER: _ClassVar[int]
    REDONE_BY_FIELD_NUMBER: _ClassVar[int]
    POLICY_HASH_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MS_FIELD_NUMBER: _ClassVar[int]
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    status: Action.Status
    workspace: str
    branch: str
    command: _containers.RepeatedScalarFieldContainer[str]
    mode: Action.Mode
    exit_code: int
    signal: int
    ended_by: str
    effect_class: Effect.Class
    effects: int
    residue: _containers.RepeatedScalarFieldContainer[str]
    pre_root: str
    post_root: str
    final_root: str
    backend: str
    limits: _containers.RepeatedScalarFieldContainer[str]
    refused: _containers.RepeatedScalarFieldContainer[str]
    redo_of: str
    redone_by: str
    policy_hash: str
    principal: str
    created_ms: int
    expires_ms: int
    cpu_ms: float
    wall_ms: float
    peak_memory_bytes: int
    rewards: _containers.RepeatedScalarFieldContainer[float]
    error: str
    def __init__(self, id: _Optional[str] = ..., status: _Optional[_Union[Action.Status, str]] = ..., workspace: _Optional[str] = ..., branch: _Optional[str] = ..., command: _Optional[_Iterable[str]] = ..., mode: _Optional[_Union[Action.Mode, str]] = ..., exit_code: _Optional[int] = ..., signal: _Optional[int] = ..., ended_by: _Optional[str] = ..., effect_class: _Optional[_Union[Effect.Class, str]] = ..., effects: _Optional[int] = ..., residue: _Optional[_Iterable[str]] = ..., pre_root: _Optional[str] = ..., post_root: _Optional[str] = ..., final_root: _Optional[str] = ..., backend: _Optional[str] = ..., limits: _Optional[_Iterable[str]] = ..., refused: _Optional[_Iterable[str]] = ..., redo_of: _Optional[str] = ..., redone_by: _Optional[str] = ..., policy_hash: _Optional[str] = ..., principal: _Optional[str] = ..., created_ms: _Optional[int] = ..., expires_ms: _Optional[int] = ..., cpu_ms: _Optional[float] = ..., wall_ms: _Optional[float] = ..., peak_memory_bytes: _Optional[int] = ..., rewards: _Optional[_Iterable[float]] = ..., error: _Optional[str] = ...) -> None: ...

class ListActionsRequest(_message.Message):
    __slots__ = ("workspace", "limit", "branch")
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    workspace: str
    limit: int
    branch: str
    def __init__(self, workspace: _Optional[str] = ..., limit: _Optional[int] = ..., branch: _Optional[str] = ...) -> None: ...

class ListActionsResponse(_message.Message):
    __slots__ = ("actions",)
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    actions: _containers.RepeatedCompositeFieldContainer[Action]
    def __init__(self, actions: _Optional[_Iterable[_Union[Action, _Mapping]]] = ...) -> None: ...

class GetActionRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class DiffRequest(_message.Message):
    __slots__ = ("id", "text_bytes")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_BYTES_FIELD_NUMBER: _ClassVar[int]
    id: str
    text_bytes: int
    def __init__(self, id: _Optional[str] = ..., text_bytes: _Optional[int] = ...) -> None: ...

class DiffResponse(_message.Message):
    __slots__ = ("action", "effects")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    action: Action
    effects: _containers.RepeatedCompositeFieldContainer[Effect]
    def __init__(self, action: _Optional[_Union[Action, _Mapping]] = ..., effects: _Optional[_Iterable[_Union[Effect, _Mapping]]] = ...) -> None: ...

class Effect(_message.Message):
    __slots__ = ("resource", "resource_bytes", "op", "effect_class", "pre_json", "post_json", "residue", "text")
    class Class(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PURE: _ClassVar[Effect.Class]
        BUFFERED: _ClassVar[Effect.Class]
        REVERSIBLE: _ClassVar[Effect.Class]
        RESIDUE: _ClassVar[Effect.Class]
        COMPENSATABLE: _ClassVar[Effect.Class]
        IRREVERSIBLE: _ClassVar[Effect.Class]
        UNKNOWN: _ClassVar[Effect.Class]
    PURE: Effect.Class
    BUFFERED: Effect.Class
    REVERSIBLE: Effect.Class
    RESIDUE: Effect.Class
    COMPENSATABLE: Effect.Class
    IRREVERSIBLE: Effect.Class
    UNKNOWN: Effect.Class
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    EFFECT_CLASS_FIELD_NUMBER: _ClassVar[int]
    PRE_JSON_FIELD_NUMBER: _ClassVar[int]
    POST_JSON_FIELD_NUMBER: _ClassVar[int]
    RESIDUE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    resource: str
    resource_bytes: bytes
    op: str
    effect_class: Effect.Class
    pre_json: str
    post_json: str
    residue: _containers.RepeatedScalarFieldContainer[str]
    text: str
    def __init__(self, resource: _Optional[str] = ..., resource_bytes: _Optional[bytes] = ..., op: _Optional[str] = ..., effect_class: _Optional[_Union[Effect.Class, str]] = ..., pre_json: _Optional[str] = ..., post_json: _Optional[str] = ..., residue: _Optional[_Iterable[str]] = ..., text: _Optional[str] = ...) -> None: ...

class CommitRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class UndoRequest(_message.Message):
    __slots__ = ("id", "to", "branch", "later", "dry_run")
    class LaterWriters(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REFUSE: _ClassVar[UndoRequest.LaterWriters]
        CASCADE: _ClassVar[UndoRequest.LaterWriters]
        REBASE: _ClassVar[UndoRequest.LaterWriters]
    REFUSE: UndoRequest.LaterWriters
    CASCADE: UndoRequest.LaterWriters
    REBASE: UndoRequest.LaterWriters
    ID_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    LATER_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    id: str
    to: str
    branch: str
    later: UndoRequest.LaterWriters
    dry_run: bool
    def __init__(self, id: _Optional[str] = ..., to: _Optional[str] = ..., branch: _Optional[str] = ..., later: _Optional[_Union[UndoRequest.LaterWriters, str]] = ..., dry_run: bool = ...) -> None: ...

class RedoRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class TransitionResponse(_message.Message):
    __slots__ = ("action", "done", "message", "conflicts", "actions", "residue")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    RESIDUE_FIELD_NUMBER: _ClassVar[int]
    action: Action
    done: bool
    message: str
    conflicts: _containers.RepeatedCompositeFieldContainer[Difference]
    actions: _containers.RepeatedScalarFieldContainer[str]
    residue: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, action: _Optional[_Union[Action, _Mapping]] = ..., done: bool = ..., message: _Optional[str] = ..., conflicts: _Optional[_Iterable[_Union[Difference, _Mapping]]] = ..., actions: _Optional[_Iterable[str]] = ..., residue: _Optional[_Iterable[str]] = ...) -> None: ...

class Difference(_message.Message):
    __slots__ = ("resource", "facet", "expected", "found")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    FACET_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    resource: str
    facet: str
    expected: str
    found: str
    def __init__(self, resource: _Optional[str] = ..., facet: _Optional[str] = ..., expected: _Optional[str] = ..., found: _Optional[str] = ...) -> None: ...

class VerifyRequest(_message.Message):
    __slots__ = ("id", "checkpoint")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    id: str
    checkpoint: str
    def __init__(self, id: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class VerifyResponse(_message.Message):
    __slots__ = ("ok", "records", "root", "checkpoint", "verifier_key", "problems", "differences")
    OK_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_KEY_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    ok: bool
    records: int
    root: str
    checkpoint: str
    verifier_key: str
    problems: _containers.RepeatedScalarFieldContainer[str]
    differences: _containers.RepeatedCompositeFieldContainer[Difference]
    def __init__(self, ok: bool = ..., records: _Optional[int] = ..., root: _Optional[str] = ..., checkpoint: _Optional[str] = ..., verifier_key: _Optional[str] = ..., problems: _Optional[_Iterable[str]] = ..., differences: _Optional[_Iterable[_Union[Difference, _Mapping]]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("workspace", "from_record")
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    FROM_RECORD_FIELD_NUMBER: _ClassVar[int]
    workspace: str
    from_record: int
    def __init__(self, workspace: _Optional[str] = ..., from_record: _Optional[int] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("record", "kind", "action")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    record: int
    kind: str
    action: Action
    def __init__(self, record: _Optional[int] = ..., kind: _Optional[str] = ..., action: _Optional[_Union[Action, _Mapping]] = ...) -> None: ...

from sandbox.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    COMPILE_ERROR: _ClassVar[Status]
    SECURITY_VIOLATION: _ClassVar[Status]
    MEMORY_LIMIT: _ClassVar[Status]
    TIME_LIMIT: _ClassVar[Status]
    OUTPUT_LIMIT: _ClassVar[Status]
    RUNTIME_ERROR: _ClassVar[Status]
    WRONG_ANSWER: _ClassVar[Status]
    SKIPPED: _ClassVar[Status]
    ACCEPTED: _ClassVar[Status]

class CaseStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CASE_STATUS_UNSPECIFIED: _ClassVar[CaseStatus]
    PASSED: _ClassVar[CaseStatus]
    FAILED: _ClassVar[CaseStatus]
    NOT_RUN: _ClassVar[CaseStatus]
    MISSING: _ClassVar[CaseStatus]
    DOUBLED: _ClassVar[CaseStatus]

class FaultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAULT_KIND_UNSPECIFIED: _ClassVar[FaultKind]
    JAIL: _ClassVar[FaultKind]
    STARVED: _ClassVar[FaultKind]
    JUDGE: _ClassVar[FaultKind]
    BUILD: _ClassVar[FaultKind]
    INTERNAL: _ClassVar[FaultKind]

class RejectCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECT_CODE_UNSPECIFIED: _ClassVar[RejectCode]
    INVALID_ARGUMENT: _ClassVar[RejectCode]
    NOT_FOUND: _ClassVar[RejectCode]
    RESOURCE_EXHAUSTED: _ClassVar[RejectCode]
    CANCELLED: _ClassVar[RejectCode]
    DEADLINE_EXCEEDED: _ClassVar[RejectCode]
    FAILED_PRECONDITION: _ClassVar[RejectCode]
    ALREADY_EXISTS: _ClassVar[RejectCode]
    UNAVAILABLE: _ClassVar[RejectCode]
    PERMISSION_DENIED: _ClassVar[RejectCode]
STATUS_UNSPECIFIED: Status
COMPILE_ERROR: Status
SECURITY_VIOLATION: Status
MEMORY_LIMIT: Status
TIME_LIMIT: Status
OUTPUT_LIMIT: Status
RUNTIME_ERROR: Status
WRONG_ANSWER: Status
SKIPPED: Status
ACCEPTED: Status
CASE_STATUS_UNSPECIFIED: CaseStatus
PASSED: CaseStatus
FAILED: CaseStatus
NOT_RUN: CaseStatus
MISSING: CaseStatus
DOUBLED: CaseStatus
FAULT_KIND_UNSPECIFIED: FaultKind
JAIL: FaultKind
STARVED: FaultKind
JUDGE: FaultKind
BUILD: FaultKind
INTERNAL: FaultKind
REJECT_CODE_UNSPECIFIED: RejectCode
INVALID_ARGUMENT: RejectCode
NOT_FOUND: RejectCode
RESOURCE_EXHAUSTED: RejectCode
CANCELLED: RejectCode
DEADLINE_EXCEEDED: RejectCode
FAILED_PRECONDITION: RejectCode
ALREADY_EXISTS: RejectCode
UNAVAILABLE: RejectCode
PERMISSION_DENIED: RejectCode

class ScoreResponse(_message.Message):
    __slots__ = ("id", "verdict", "fault", "rejected")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    id: str
    verdict: Verdict
    fault: Fault
    rejected: Rejected
    def __init__(self, id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ..., fault: _Optional[_Union[Fault, _Mapping]] = ..., rejected: _Optional[_Union[Rejected, _Mapping]] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("passed", "reward", "components", "status", "build", "tests", "usage", "integrity", "isolation", "receipt")
    class ComponentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    PASSED_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    INTEGRITY_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    passed: bool
    reward: float
    components: _containers.ScalarMap[str, float]
    status: Status
    build: Build
    tests: _containers.RepeatedCompositeFieldContainer[TestResult]
    usage: Usage
    integrity: Integrity
    isolation: Isolation
    receipt: Receipt
    def __init__(self, passed: bool = ..., reward: _Optional[float] = ..., components: _Optional[_Mapping[str, float]] = ..., status: _Optional[_Union[Status, str]] = ..., build: _Optional[_Union[Build, _Mapping]] = ..., tests: _Optional[_Iterable[_Union[TestResult, _Mapping]]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., integrity: _Optional[_Union[Integrity, _Mapping]] = ..., isolation: _Optional[_Union[Isolation, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ...) -> None: ...

class Build(_message.Message):
    __slots__ = ("ok", "cached", "messages", "wall_ms", "cpu_ms")
    OK_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    ok: bool
    cached: bool
    messages: str
    wall_ms: float
    cpu_ms: float
    def __init__(self, ok: bool = ..., cached: bool = ..., messages: _Optional[str] = ..., wall_ms: _Optional[float] = ..., cpu_ms: _Optional[float] = ...) -> None: ...

class TestResult(_message.Message):
    __slots__ = ("id", "status", "score", "checks", "cpu_ms", "wall_ms", "peak_memory_bytes", "exit_code", "signal", "stdout", "stderr", "detail", "stdout_bytes", "stderr_bytes", "stdout_clipped", "stderr_clipped", "stdout_size", "stderr_size", "visibility", "cases", "fingerprint", "error_class")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    STDOUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    STDERR_BYTES_FIELD_NUMBER: _ClassVar[int]
    STDOUT_CLIPPED_FIELD_NUMBER: _ClassVar[int]
    STDERR_CLIPPED_FIELD_NUMBER: _ClassVar[int]
    STDOUT_SIZE_FIELD_NUMBER: _ClassVar[int]
    STDERR_SIZE_FIELD_NUMBER: _ClassVar[int]
    VISIBILITY_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    id: str
    status: Status
    score: float
    checks: Checks
    cpu_ms: float
    wall_ms: float
    peak_memory_bytes: int
    exit_code: int
    signal: int
    stdout: str
    stderr: str
    detail: str
    stdout_bytes: bytes
    stderr_bytes: bytes
    stdout_clipped: bool
    stderr_clipped: bool
    stdout_size: int
    stderr_size: int
    visibility: _job_pb2.Visibility
    cases: _containers.RepeatedCompositeFieldContainer[CaseResult]
    fingerprint: str
    error_class: str
    def __init__(self, id: _Optional[str] = ..., status: _Optional[_Union[Status, str]] = ..., score: _Optional[float] = ..., checks: _Optional[_Union[Checks, _Mapping]] = ..., cpu_ms: _Optional[float] = ..., wall_ms: _Optional[float] = ..., peak_memory_bytes: _Optional[int] = ..., exit_code: _Optional[int] = ..., signal: _Optional[int] = ..., stdout: _Optional[str] = ..., stderr: _Optional[str] = ..., detail: _Optional[str] = ..., stdout_bytes: _Optional[bytes] = ..., stderr_bytes: _Optional[bytes] = ..., stdout_clipped: bool = ..., stderr_clipped: bool = ..., stdout_size: _Optional[int] = ..., stderr_size: _Optional[int] = ..., visibility: _Optional[_Union[_job_pb2.Visibility, str]] = ..., cases: _Optional[_Iterable[_Union[CaseResult, _Mapping]]] = ..., fingerprint: _Optional[str] = ..., error_class: _Optional[str] = ...) -> None: ...

class CaseResult(_message.Message):
    __slots__ = ("name", "status", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    status: CaseStatus
    detail: str
    def __init__(self, name: _Optional[str] = ..., status: _Optional[_Union[CaseStatus, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class Checks(_message.Message):
    __slots__ = ("total", "passed")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    total: int
    passed: int
    def __init__(self, total: _Optional[int] = ..., passed: _Optional[int] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("cpu_ms", "wall_ms", "peak_memory_bytes", "queue_ms", "total_ms", "retries", "coalesced", "seed")
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    QUEUE_MS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MS_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    COALESCED_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    cpu_ms: float
    wall_ms: float
    peak_memory_bytes: int
    queue_ms: float
    total_ms: float
    retries: int
    coalesced: bool
    seed: int
    def __init__(self, cpu_ms: _Optional[float] = ..., wall_ms: _Optional[float] = ..., peak_memory_bytes: _Optional[int] = ..., queue_ms: _Optional[float] = ..., total_ms: _Optional[float] = ..., retries: _Optional[int] = ..., coalesced: bool = ..., seed: _Optional[int] = ...) -> None: ...

class Integrity(_message.Message):
    __slots__ = ("level", "alarms", "canaries")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ALARMS_FIELD_NUMBER: _ClassVar[int]
    CANARIES_FIELD_NUMBER: _ClassVar[int]
    level: _job_pb2.IntegrityLevel
    alarms: _containers.RepeatedScalarFieldContainer[str]
    canaries: Canaries
    def __init__(self, level: _Optional[_Union[_job_pb2.IntegrityLevel, str]] = ..., alarms: _Optional[_Iterable[str]] = ..., canaries: _Optional[_Union[Canaries, _Mapping]] = ...) -> None: ...

class Canaries(_message.Message):
    __slots__ = ("scheduled", "failed")
    SCHEDULED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    scheduled: int
    failed: int
    def __init__(self, scheduled: _Optional[int] = ..., failed: _Optional[int] = ...) -> None: ...

class Isolation(_message.Message):
    __slots__ = ("tier", "backend", "namespaces", "seccomp", "cgroup", "limits_effective")
    TIER_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    NAMESPACES_FIELD_NUMBER: _ClassVar[int]
    SECCOMP_FIELD_NUMBER: _ClassVar[int]
    CGROUP_FIELD_NUMBER: _ClassVar[int]
    LIMITS_EFFECTIVE_FIELD_NUMBER: _ClassVar[int]
    tier: _job_pb2.IsolationTier
    backend: str
    namespaces: _containers.RepeatedScalarFieldContainer[str]
    seccomp: bool
    cgroup: str
    limits_effective: _job_pb2.Limits
    def __init__(self, tier: _Optional[_Union[_job_pb2.IsolationTier, str]] = ..., backend: _Optional[str] = ..., namespaces: _Optional[_Iterable[str]] = ..., seccomp: bool = ..., cgroup: _Optional[str] = ..., limits_effective: _Optional[_Union[_job_pb2.Limits, _Mapping]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("program", "tests", "policy", "results", "action", "pre_root", "post_root", "final_root", "checkpoint")
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PRE_ROOT_FIELD_NUMBER: _ClassVar[int]
    POST_ROOT_FIELD_NUMBER: _ClassVar[int]
    FINAL_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    program: str
    tests: str
    policy: str
    results: str
    action: str
    pre_root: str
    post_root: str
    final_root: str
    checkpoint: str
    def __init__(self, program: _Optional[str] = ..., tests: _Optional[str] = ..., policy: _Optional[str] = ..., results: _Optional[str] = ..., action: _Optional[str] = ..., pre_root: _Optional[str] = ..., post_root: _Optional[str] = ..., final_root: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class Fault(_message.Message):
    __slots__ = ("kind", "message", "finished", "test_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    TEST_ID_FIELD_NUMBER: _ClassVar[int]
    kind: FaultKind
    message: str
    finished: _containers.RepeatedCompositeFieldContainer[TestResult]
    test_id: str
    def __init__(self, kind: _Optional[_Union[FaultKind, str]] = ..., message: _Optional[str] = ..., finished: _Optional[_Iterable[_Union[TestResult, _Mapping]]] = ..., test_id: _Optional[str] = ...) -> None: ...

class Rejected(_message.Message):
    __slots__ = ("code", "field", "message", "suggestion", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: RejectCode
    field: str
    message: str
    suggestion: str
    retry_after_ms: int
    def __init__(self, code: _Optional[_Union[RejectCode, str]] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., suggestion: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

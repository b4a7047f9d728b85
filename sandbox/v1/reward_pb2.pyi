from sandbox.v1 import job_pb2 as _job_pb2
from sandbox.v1 import matrix_pb2 as _matrix_pb2
from sandbox.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamRequest(_message.Message):
    __slots__ = ("score", "cancel")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    score: _job_pb2.ScoreRequest
    cancel: Cancel
    def __init__(self, score: _Optional[_Union[_job_pb2.ScoreRequest, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class Suite(_message.Message):
    __slots__ = ("tests",)
    TESTS_FIELD_NUMBER: _ClassVar[int]
    tests: _containers.RepeatedCompositeFieldContainer[_job_pb2.Test]
    def __init__(self, tests: _Optional[_Iterable[_Union[_job_pb2.Test, _Mapping]]] = ...) -> None: ...

class PutSuiteRequest(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class PutSuiteResponse(_message.Message):
    __slots__ = ("ref", "tests")
    REF_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    ref: str
    tests: int
    def __init__(self, ref: _Optional[str] = ..., tests: _Optional[int] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("version", "runtimes", "policies", "schemes", "comparators", "value_comparators", "isolation", "limits")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RUNTIMES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    SCHEMES_FIELD_NUMBER: _ClassVar[int]
    COMPARATORS_FIELD_NUMBER: _ClassVar[int]
    VALUE_COMPARATORS_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    version: str
    runtimes: _containers.RepeatedCompositeFieldContainer[RuntimeInfo]
    policies: _containers.RepeatedCompositeFieldContainer[PolicyInfo]
    schemes: _containers.RepeatedCompositeFieldContainer[Named]
    comparators: _containers.RepeatedCompositeFieldContainer[Named]
    value_comparators: _containers.RepeatedCompositeFieldContainer[Named]
    isolation: _verdict_pb2.Isolation
    limits: ServerLimits
    def __init__(self, version: _Optional[str] = ..., runtimes: _Optional[_Iterable[_Union[RuntimeInfo, _Mapping]]] = ..., policies: _Optional[_Iterable[_Union[PolicyInfo, _Mapping]]] = ..., schemes: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., comparators: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., value_comparators: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., isolation: _Optional[_Union[_verdict_pb2.Isolation, _Mapping]] = ..., limits: _Optional[_Union[ServerLimits, _Mapping]] = ...) -> None: ...

class RuntimeInfo(_message.Message):
    __slots__ = ("name", "language", "version", "available", "why", "kinds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    language: str
    version: str
    available: bool
    why: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., language: _Optional[str] = ..., version: _Optional[str] = ..., available: bool = ..., why: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyInfo(_message.Message):
    __slots__ = ("name", "description", "limits", "hash")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    limits: _job_pb2.Limits
    hash: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., limits: _Optional[_Union[_job_pb2.Limits, _Mapping]] = ..., hash: _Optional[str] = ...) -> None: ...

class Named(_message.Message):
    __slots__ = ("name", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class ServerLimits(_message.Message):
    __slots__ = ("cells", "queue", "max_message_bytes", "suite_store_bytes", "build_cache_bytes", "matrix_cells")
    CELLS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SUITE_STORE_BYTES_FIELD_NUMBER: _ClassVar[int]
    BUILD_CACHE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MATRIX_CELLS_FIELD_NUMBER: _ClassVar[int]
    cells: int
    queue: int
    max_message_bytes: int
    suite_store_bytes: int
    build_cache_bytes: int
    matrix_cells: int
    def __init__(self, cells: _Optional[int] = ..., queue: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., suite_store_bytes: _Optional[int] = ..., build_cache_bytes: _Optional[int] = ..., matrix_cells: _Optional[int] = ...) -> None: ...

from sandbox.v1 import job_pb2 as _job_pb2
from sandbox.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MatrixRequest(_message.Message):
    __slots__ = ("id", "programs", "language", "examples", "inputs", "generated_tests", "policy", "limits", "seed", "timeout_ms", "ignore_exit_code", "output_clip_bytes", "only_survivors")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TESTS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    IGNORE_EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_CLIP_BYTES_FIELD_NUMBER: _ClassVar[int]
    ONLY_SURVIVORS_FIELD_NUMBER: _ClassVar[int]
    id: str
    programs: _containers.RepeatedCompositeFieldContainer[_job_pb2.Program]
    language: str
    examples: _containers.RepeatedCompositeFieldContainer[_job_pb2.Test]
    inputs: _containers.RepeatedCompositeFieldContainer[_job_pb2.Test]
    generated_tests: _containers.RepeatedCompositeFieldContainer[_job_pb2.Test]
    policy: str
    limits: _job_pb2.Limits
    seed: int
    timeout_ms: int
    ignore_exit_code: bool
    output_clip_bytes: int
    only_survivors: bool
    def __init__(self, id: _Optional[str] = ..., programs: _Optional[_Iterable[_Union[_job_pb2.Program, _Mapping]]] = ..., language: _Optional[str] = ..., examples: _Optional[_Iterable[_Union[_job_pb2.Test, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[_job_pb2.Test, _Mapping]]] = ..., generated_tests: _Optional[_Iterable[_Union[_job_pb2.Test, _Mapping]]] = ..., policy: _Optional[str] = ..., limits: _Optional[_Union[_job_pb2.Limits, _Mapping]] = ..., seed: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., ignore_exit_code: bool = ..., output_clip_bytes: _Optional[int] = ..., only_survivors: bool = ...) -> None: ...

class MatrixResponse(_message.Message):
    __slots__ = ("id", "rows", "usage")
    ID_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    id: str
    rows: _containers.RepeatedCompositeFieldContainer[MatrixRow]
    usage: _verdict_pb2.Usage
    def __init__(self, id: _Optional[str] = ..., rows: _Optional[_Iterable[_Union[MatrixRow, _Mapping]]] = ..., usage: _Optional[_Union[_verdict_pb2.Usage, _Mapping]] = ...) -> None: ...

class MatrixRow(_message.Message):
    __slots__ = ("programs", "examples", "inputs", "generated_tests", "fault_message")
    PROGRAMS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TESTS_FIELD_NUMBER: _ClassVar[int]
    FAULT_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    programs: _containers.RepeatedScalarFieldContainer[int]
    examples: _containers.RepeatedCompositeFieldContainer[Cell]
    inputs: _containers.RepeatedCompositeFieldContainer[Cell]
    generated_tests: _containers.RepeatedCompositeFieldContainer[Cell]
    fault_message: str
    def __init__(self, programs: _Optional[_Iterable[int]] = ..., examples: _Optional[_Iterable[_Union[Cell, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[Cell, _Mapping]]] = ..., generated_tests: _Optional[_Iterable[_Union[Cell, _Mapping]]] = ..., fault_message: _Optional[str] = ...) -> None: ...

class Cell(_message.Message):
    __slots__ = ("status", "passed", "fingerprint", "error_class", "stdout", "stdout_size", "fault")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDOUT_SIZE_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    status: _verdict_pb2.Status
    passed: bool
    fingerprint: str
    error_class: str
    stdout: str
    stdout_size: int
    fault: _verdict_pb2.FaultKind
    def __init__(self, status: _Optional[_Union[_verdict_pb2.Status, str]] = ..., passed: bool = ..., fingerprint: _Optional[str] = ..., error_class: _Optional[str] = ..., stdout: _Optional[str] = ..., stdout_size: _Optional[int] = ..., fault: _Optional[_Union[_verdict_pb2.FaultKind, str]] = ...) -> None: ...

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Visibility(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIDDEN: _ClassVar[Visibility]
    PUBLIC: _ClassVar[Visibility]

class StopRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEVER: _ClassVar[StopRule]
    FIRST_FAILURE: _ClassVar[StopRule]
    DECIDED: _ClassVar[StopRule]
    FIRST_TIME_LIMIT: _ClassVar[StopRule]

class Feedback(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PUBLIC_ONLY: _ClassVar[Feedback]
    ALL: _ClassVar[Feedback]

class IsolationTier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ISOLATION_TIER_UNSPECIFIED: _ClassVar[IsolationTier]
    NONE: _ClassVar[IsolationTier]
    LANDLOCK: _ClassVar[IsolationTier]
    NAMESPACES: _ClassVar[IsolationTier]
    CONTAINER: _ClassVar[IsolationTier]
    KERNEL: _ClassVar[IsolationTier]

class IntegrityLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTEGRITY_LEVEL_UNSPECIFIED: _ClassVar[IntegrityLevel]
    IN_PROCESS: _ClassVar[IntegrityLevel]
    SPLIT: _ClassVar[IntegrityLevel]
    ISOLATED: _ClassVar[IntegrityLevel]
HIDDEN: Visibility
PUBLIC: Visibility
NEVER: StopRule
FIRST_FAILURE: StopRule
DECIDED: StopRule
FIRST_TIME_LIMIT: StopRule
PUBLIC_ONLY: Feedback
ALL: Feedback
ISOLATION_TIER_UNSPECIFIED: IsolationTier
NONE: IsolationTier
LANDLOCK: IsolationTier
NAMESPACES: IsolationTier
CONTAINER: IsolationTier
KERNEL: IsolationTier
INTEGRITY_LEVEL_UNSPECIFIED: IntegrityLevel
IN_PROCESS: IntegrityLevel
SPLIT: IntegrityLevel
ISOLATED: IntegrityLevel

class ScoreRequest(_message.Message):
    __slots__ = ("id", "program", "tests", "tests_ref", "reward", "policy", "limits", "seed", "stop", "group_id", "coalesce", "timeout_ms", "min_isolation", "min_integrity", "feedback", "workspace", "ignore_exit_code", "output_clip_bytes", "allow_unsafe_comparators", "canaries", "branch")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    TESTS_REF_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    COALESCE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_ISOLATION_FIELD_NUMBER: _ClassVar[int]
    MIN_INTEGRITY_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    IGNORE_EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_CLIP_BYTES_FIELD_NUMBER: _ClassVar[int]
    ALLOW_UNSAFE_COMPARATORS_FIELD_NUMBER: _ClassVar[int]
    CANARIES_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    id: str
    program: Program
    tests: _containers.RepeatedCompositeFieldContainer[Test]
    tests_ref: str
    reward: RewardSpec
    policy: str
    limits: Limits
    seed: int
    stop: StopRule
    group_id: str
    coalesce: bool
    timeout_ms: int
    min_isolation: IsolationTier
    min_integrity: IntegrityLevel
    feedback: Feedback
    workspace: str
    ignore_exit_code: bool
    output_clip_bytes: int
    allow_unsafe_comparators: bool
    canaries: int
    branch: str
    def __init__(self, id: _Optional[str] = ..., program: _Optional[_Union[Program, _Mapping]] = ..., tests: _Optional[_Iterable[_Union[Test, _Mapping]]] = ..., tests_ref: _Optional[str] = ..., reward: _Optional[_Union[RewardSpec, _Mapping]] = ..., policy: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., seed: _Optional[int] = ..., stop: _Optional[_Union[StopRule, str]] = ..., group_id: _Optional[str] = ..., coalesce: bool = ..., timeout_ms: _Optional[int] = ..., min_isolation: _Optional[_Union[IsolationTier, str]] = ..., min_integrity: _Optional[_Union[IntegrityLevel, str]] = ..., feedback: _Optional[_Union[Feedback, str]] = ..., workspace: _Optional[str] = ..., ignore_exit_code: bool = ..., output_clip_bytes: _Optional[int] = ..., allow_unsafe_comparators: bool = ..., canaries: _Optional[int] = ..., branch: _Optional[str] = ...) -> None: ...

class Program(_message.Message):
    __slots__ = ("language", "source", "files", "main", "entry_point", "argv")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    MAIN_FIELD_NUMBER: _ClassVar[int]
    ENTRY_POINT_FIELD_NUMBER: _ClassVar[int]
    ARGV_FIELD_NUMBER: _ClassVar[int]
    language: str
    source: str
    files: _containers.RepeatedCompositeFieldContainer[SourceFile]
    main: str
    entry_point: str
    argv: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, language: _Optional[str] = ..., source: _Optional[str] = ..., files: _Optional[_Iterable[_Union[SourceFile, _Mapping]]] = ..., main: _Optional[str] = ..., entry_point: _Optional[str] = ..., argv: _Optional[_Iterable[str]] = ...) -> None: ...

class SourceFile(_message.Message):
    __slots__ = ("path", "text", "data", "executable")
    PATH_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    EXECUTABLE_FIELD_NUMBER: _ClassVar[int]
    path: str
    text: str
    data: bytes
    executable: bool
    def __init__(self, path: _Optional[str] = ..., text: _Optional[str] = ..., data: _Optional[bytes] = ..., executable: bool = ...) -> None: ...

class Test(_message.Message):
    __slots__ = ("id", "weight", "group", "visibility", "limits", "observe", "stdio", "call", "asserts", "suite", "interactive", "checker", "effects")
    ID_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    VISIBILITY_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    STDIO_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    ASSERTS_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    INTERACTIVE_FIELD_NUMBER: _ClassVar[int]
    CHECKER_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    weight: float
    group: str
    visibility: Visibility
    limits: Limits
    observe: bool
    stdio: StdioTest
    call: CallTest
    asserts: AssertsTest
    suite: SuiteTest
    interactive: InteractiveTest
    checker: CheckerTest
    effects: EffectsTest
    def __init__(self, id: _Optional[str] = ..., weight: _Optional[float] = ..., group: _Optional[str] = ..., visibility: _Optional[_Union[Visibility, str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., observe: bool = ..., stdio: _Optional[_Union[StdioTest, _Mapping]] = ..., call: _Optional[_Union[CallTest, _Mapping]] = ..., asserts: _Optional[_Union[AssertsTest, _Mapping]] = ..., suite: _Optional[_Union[SuiteTest, _Mapping]] = ..., interactive: _Optional[_Union[InteractiveTest, _Mapping]] = ..., checker: _Optional[_Union[CheckerTest, _Mapping]] = ..., effects: _Optional[_Union[EffectsTest, _Mapping]] = ...) -> None: ...

class EffectsTest(_message.Message):
    __slots__ = ("stdin", "stdin_bytes", "assertions", "nothing_else", "databases")
    STDIN_FIELD_NUMBER: _ClassVar[int]
    STDIN_BYTES_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    NOTHING_ELSE_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    stdin: str
    stdin_bytes: bytes
    assertions: _containers.RepeatedCompositeFieldContainer[EffectAssertion]
    nothing_else: bool
    databases: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stdin: _Optional[str] = ..., stdin_bytes: _Optional[bytes] = ..., assertions: _Optional[_Iterable[_Union[EffectAssertion, _Mapping]]] = ..., nothing_else: bool = ..., databases: _Optional[_Iterable[str]] = ...) -> None: ...

class EffectAssertion(_message.Message):
    __slots__ = ("resource", "op", "at_least", "at_most", "none", "content", "post_json")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    POST_JSON_FIELD_NUMBER: _ClassVar[int]
    resource: str
    op: str
    at_least: int
    at_most: int
    none: bool
    content: str
    post_json: str
    def __init__(self, resource: _Optional[str] = ..., op: _Optional[str] = ..., at_least: _Optional[int] = ..., at_most: _Optional[int] = ..., none: bool = ..., content: _Optional[str] = ..., post_json: _Optional[str] = ...) -> None: ...

class StdioTest(_message.Message):
    __slots__ = ("stdin", "stdin_bytes", "expected_stdout", "expected_stdout_bytes", "accepted", "comparator")
    STDIN_FIELD_NUMBER: _ClassVar[int]
    STDIN_BYTES_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_STDOUT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_STDOUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    COMPARATOR_FIELD_NUMBER: _ClassVar[int]
    stdin: str
    stdin_bytes: bytes
    expected_stdout: str
    expected_stdout_bytes: bytes
    accepted: _containers.RepeatedScalarFieldContainer[str]
    comparator: Comparator
    def __init__(self, stdin: _Optional[str] = ..., stdin_bytes: _Optional[bytes] = ..., expected_stdout: _Optional[str] = ..., expected_stdout_bytes: _Optional[bytes] = ..., accepted: _Optional[_Iterable[str]] = ..., comparator: _Optional[_Union[Comparator, _Mapping]] = ...) -> None: ...

class CallTest(_message.Message):
    __slots__ = ("function", "args_json", "kwargs_json", "expected_json", "comparator")
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    ARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    KWARGS_JSON_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_JSON_FIELD_NUMBER: _ClassVar[int]
    COMPARATOR_FIELD_NUMBER: _ClassVar[int]
    function: str
    args_json: str
    kwargs_json: str
    expected_json: str
    comparator: Comparator
    def __init__(self, function: _Optional[str] = ..., args_json: _Optional[str] = ..., kwargs_json: _Optional[str] = ..., expected_json: _Optional[str] = ..., comparator: _Optional[_Union[Comparator, _Mapping]] = ...) -> None: ...

class AssertsTest(_message.Message):
    __slots__ = ("code", "setup", "per_assert")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SETUP_FIELD_NUMBER: _ClassVar[int]
    PER_ASSERT_FIELD_NUMBER: _ClassVar[int]
    code: str
    setup: str
    per_assert: bool
    def __init__(self, code: _Optional[str] = ..., setup: _Optional[str] = ..., per_assert: bool = ...) -> None: ...

class SuiteTest(_message.Message):
    __slots__ = ("files", "runner", "names", "per_case", "fresh_process", "in_process")
    FILES_FIELD_NUMBER: _ClassVar[int]
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    PER_CASE_FIELD_NUMBER: _ClassVar[int]
    FRESH_PROCESS_FIELD_NUMBER: _ClassVar[int]
    IN_PROCESS_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[SourceFile]
    runner: str
    names: _containers.RepeatedScalarFieldContainer[str]
    per_case: bool
    fresh_process: bool
    in_process: bool
    def __init__(self, files: _Optional[_Iterable[_Union[SourceFile, _Mapping]]] = ..., runner: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ..., per_case: bool = ..., fresh_process: bool = ..., in_process: bool = ...) -> None: ...

class InteractiveTest(_message.Message):
    __slots__ = ("interactor", "input", "input_bytes", "answer", "answer_bytes", "protocol")
    INTERACTOR_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    INPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    interactor: Program
    input: str
    input_bytes: bytes
    answer: str
    answer_bytes: bytes
    protocol: str
    def __init__(self, interactor: _Optional[_Union[Program, _Mapping]] = ..., input: _Optional[str] = ..., input_bytes: _Optional[bytes] = ..., answer: _Optional[str] = ..., answer_bytes: _Optional[bytes] = ..., protocol: _Optional[str] = ...) -> None: ...

class CheckerTest(_message.Message):
    __slots__ = ("program", "stdin", "stdin_bytes", "answer", "answer_bytes", "protocol", "passes")
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    STDIN_BYTES_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PASSES_FIELD_NUMBER: _ClassVar[int]
    program: Program
    stdin: str
    stdin_bytes: bytes
    answer: str
    answer_bytes: bytes
    protocol: str
    passes: int
    def __init__(self, program: _Optional[_Union[Program, _Mapping]] = ..., stdin: _Optional[str] = ..., stdin_bytes: _Optional[bytes] = ..., answer: _Optional[str] = ..., answer_bytes: _Optional[bytes] = ..., protocol: _Optional[str] = ..., passes: _Optional[int] = ...) -> None: ...

class Comparator(_message.Message):
    __slots__ = ("name", "params")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    name: str
    params: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class RewardSpec(_message.Message):
    __slots__ = ("scheme", "params")
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    scheme: str
    params: _struct_pb2.Struct
    def __init__(self, scheme: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("cpu_time_ms", "wall_time_ms", "memory_bytes", "processes", "output_bytes", "file_bytes", "disk_bytes", "open_files", "stack_bytes")
    CPU_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    FILE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DISK_BYTES_FIELD_NUMBER: _ClassVar[int]
    OPEN_FILES_FIELD_NUMBER: _ClassVar[int]
    STACK_BYTES_FIELD_NUMBER: _ClassVar[int]
    cpu_time_ms: int
    wall_time_ms: int
    memory_bytes: int
    processes: int
    output_bytes: int
    file_bytes: int
    disk_bytes: int
    open_files: int
    stack_bytes: int
    def __init__(self, cpu_time_ms: _Optional[int] = ..., wall_time_ms: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., processes: _Optional[int] = ..., output_bytes: _Optional[int] = ..., file_bytes: _Optional[int] = ..., disk_bytes: _Optional[int] = ..., open_files: _Optional[int] = ..., stack_bytes: _Optional[int] = ...) -> None: ...

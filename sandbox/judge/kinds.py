"""One maker for each kind of test: from its message to a check that can plan and judge it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sandbox.catalog import Catalog
from sandbox.commands import run_plan
from sandbox.errors import JobError
from sandbox.judge.call import CallCheck, call_job, job_call
from sandbox.judge.checker import CheckerCheck
from sandbox.judge.comparators import Comparator, ComparatorError, text_comparator
from sandbox.judge.effects import EffectsCheck, expectations
from sandbox.judge.helper import CHECKER_PROTOCOLS, INTERACTOR_PROTOCOLS, known_passes, known_protocol, read_helper
from sandbox.judge.interactive import InteractiveCheck
from sandbox.judge.lifted import LiftedCheck
from sandbox.judge.lifting import Lifted, LiftedAssert, NotLiftable, lift, sole_function
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.observe import ObservedCall, ObservedOutput
from sandbox.judge.session import StagedCheck
from sandbox.judge.split import SplitCheck, plan_split
from sandbox.judge.stdio import StdioCheck
from sandbox.judge.suite import SuiteCheck
from sandbox.judge.suite_plan import plan_suite
from sandbox.judge.values.compare import value_comparator
from sandbox.judge.values.trusted import InvalidPlainJson, parse_json_args, parse_json_kwargs, parse_json_value
from sandbox.judge.values.types import Call
from sandbox.model.limits import Limits
from sandbox.model.plan import File, TestPlan
from sandbox.policies import Policy
from sandbox.programs import tree
from sandbox.runtimes import Runtime
from sandbox.structs import plain_params
from sandbox.v1 import job_pb2

AnyCheck = StdioCheck | CallCheck | LiftedCheck | StagedCheck | EffectsCheck | ObservedOutput | ObservedCall
# What can run in a branch of a workspace.
_WORKSPACE_KINDS = ("stdio", "effects")
_default_lines = text_comparator("lines")


@dataclass(frozen=True, slots=True)
class Sent:
    """What every maker knows beside the test itself: the job, and what it named."""

    request: job_pb2.ScoreRequest
    runtime: Runtime
    policy: Policy
    files: tuple[File, ...]
    main: str
    catalog: Catalog


def make_check(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> AnyCheck:
    """The check of one test. JobError names what is wrong with it; `field` is where it stands in the request."""
    kind, runtime = test.WhichOneof("kind"), sent.runtime
    if kind is None:
        raise JobError(field, "has no kind", f"give one of {', '.join(_MAKERS)}")
    if kind not in runtime.table.kinds or kind not in _MAKERS:
        raise JobError(
            f"{field}.{kind}",
            f"{runtime.name} has no {kind} tests",
            f"it has {', '.join(runtime.table.kinds)}",
            reject="FAILED_PRECONDITION",
        )
    if sent.request.workspace and kind not in _WORKSPACE_KINDS:
        raise JobError(
            f"{field}.{kind}", "does not run in a workspace", f"{' or '.join(_WORKSPACE_KINDS)}, or a job without one"
        )
    if sent.request.workspace and runtime.table.run is not None:
        raise JobError(
            "program.language", f"{runtime.name} does not run in a workspace", "python, or one that is built"
        )
    try:
        if test.observe:
            return _observed(sent, test, kind, limits, field)
        return _MAKERS[kind](sent, test, limits, f"{field}.{kind}")
    except ComparatorError as error:
        raise JobError(f"{field}.{kind}.{error.field}", error.message, error.suggestion) from error


def _stdio(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> StdioCheck:
    request, stdio = sent.request, test.stdio
    expected = [_bytes(stdio.expected_stdout, stdio.expected_stdout_bytes, f"{field}.expected_stdout")]
    expected += [text.encode("utf-8", "surrogatepass") for text in stdio.accepted]
    plan = _whole_program(sent, limits, _bytes(stdio.stdin, stdio.stdin_bytes, f"{field}.stdin"))
    comparator = _comparator(stdio.comparator, request.allow_unsafe_comparators, field)
    return StdioCheck(plan, limits, tuple(expected), comparator, request.ignore_exit_code)


def _call(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> CallCheck:
    request, spec = sent.request, test.call
    plan, call = _one_call(sent, spec, limits, field)
    name, params = spec.comparator.name, plain_params(spec.comparator.params, f"{field}.comparator.params")
    comparator = value_comparator(name, params, allow_unsafe=request.allow_unsafe_comparators)
    try:
        expected = parse_json_value(spec.expected_json) if spec.expected_json or name not in _NEED_NO_VALUE else None
    except InvalidPlainJson as error:
        raise JobError(f"{field}.{error.field}", error.message, error.suggestion) from error
    return CallCheck(plan, limits, call, expected, comparator)


def _one_call(sent: Sent, spec: job_pb2.CallTest, limits: Limits, field: str) -> tuple[TestPlan, Call]:
    """The process that makes a call, and the call itself."""
    function = spec.function or sent.request.program.entry_point
    if not function:
        raise JobError(
            f"{field}.function", "is empty, and so is program.entry_point", "name the function in one of them"
        )
    try:
        call = Call(parse_json_args(spec.args_json), parse_json_kwargs(spec.kwargs_json))
    except InvalidPlainJson as error:
        raise JobError(f"{field}.{error.field}", error.message, error.suggestion) from error
    job = call_job([job_call(function, call)], _seed(sent.request))
    return TestPlan("call", limits, extra=job, claims=True), call


def _observed(sent: Sent, test: job_pb2.Test, kind: str, limits: Limits, field: str) -> ObservedOutput | ObservedCall:
    """A test that expects nothing."""
    if kind == "stdio":
        _refuse_expectations(test.stdio, ("expected_stdout", "expected_stdout_bytes", "accepted"), f"{field}.stdio")
        stdin = _bytes(test.stdio.stdin, test.stdio.stdin_bytes, f"{field}.stdio.stdin")
        return ObservedOutput(_whole_program(sent, limits, stdin), limits, sent.request.ignore_exit_code)
    if kind == "call":
        _refuse_expectations(test.call, ("expected_json",), f"{field}.call")
        return ObservedCall(_one_call(sent, test.call, limits, f"{field}.call")[0], limits)
    raise JobError(f"{field}.observe", f"a {kind} test says itself what is right", "observe stdio or call tests")


def _refuse_expectations(spec: job_pb2.StdioTest | job_pb2.CallTest, names: tuple[str, ...], field: str) -> None:
    given = next((name for name in names if getattr(spec, name)), "comparator" if spec.HasField("comparator") else "")
    if given:
        raise JobError(f"{field}.{given}", "is given, and this test observes and compares nothing", "leave one out")


def _asserts(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> LiftedCheck | SplitCheck:
    request, spec = sent.request, test.asserts
    try:
        entry_point, found = _lifted(spec.code, request.program.entry_point, spec.setup)
    except Refusal as refusal:
        raise JobError(f"{field}.code", refusal.reason, "give Python test code that compiles") from refusal
    if isinstance(found, NotLiftable):
        if found.total == 0:
            raise JobError(f"{field}.code", f"holds no assert: {found.reason}", "write at least one assert")
        if not entry_point:
            raise JobError("program.entry_point", "is empty, and the test code does not tell the function", "name it")
        return plan_split(request, spec, entry_point, limits, found, _seed(request))
    calls = [
        job_call(item.call.function, Call(item.call.args, item.call.kwargs), item.check.takes_iterator)
        for item in found.asserts
        if isinstance(item, LiftedAssert)
    ]
    plan = TestPlan("call", limits, extra=call_job(calls, _seed(request)), claims=True)
    return LiftedCheck(plan, limits, found, spec.per_assert)


@lru_cache(maxsize=4096)
def _lifted(code: str, entry_point: str, setup: str) -> tuple[str, Lifted | NotLiftable]:
    """Rollouts of one prompt share their test code, so it is taken apart once."""
    name = entry_point or sole_function(code, setup)
    return name, lift(code, name, setup)


def _suite(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> SuiteCheck:
    tests = tree(test.suite.files, f"{field}.files")
    return plan_suite(test.suite, sent.files, tests, sent.policy, limits, _seed(sent.request), field)


def _checker(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> CheckerCheck:
    spec = test.checker
    stdin = _bytes(spec.stdin, spec.stdin_bytes, f"{field}.stdin")
    protocol = known_protocol(spec.protocol, CHECKER_PROTOCOLS, f"{field}.protocol")
    return CheckerCheck(
        plan=_whole_program(sent, limits, stdin),
        limits=limits,
        helper=read_helper(spec.program, protocol, sent.catalog, f"{field}.program"),
        answer=_bytes(spec.answer, spec.answer_bytes, f"{field}.answer"),
        passes=known_passes(spec.passes, protocol, f"{field}.passes"),
        ignore_exit_code=sent.request.ignore_exit_code,
        judge_limits=sent.policy.judge_limits,
    )


def _interactive(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> InteractiveCheck:
    spec = test.interactive
    protocol = known_protocol(spec.protocol, INTERACTOR_PROTOCOLS, f"{field}.protocol")
    return InteractiveCheck(
        plan=_whole_program(sent, limits, b""),
        limits=limits,
        helper=read_helper(spec.interactor, protocol, sent.catalog, f"{field}.interactor"),
        given=_bytes(spec.input, spec.input_bytes, f"{field}.input"),
        answer=_bytes(spec.answer, spec.answer_bytes, f"{field}.answer"),
        ignore_exit_code=sent.request.ignore_exit_code,
        judge_limits=sent.policy.judge_limits,
    )


def _effects(sent: Sent, test: job_pb2.Test, limits: Limits, field: str) -> EffectsCheck:
    spec = test.effects
    if not sent.request.workspace:
        raise JobError("workspace", f"is empty, and {field} judges what changes there", "name a workspace")
    return EffectsCheck(
        plan=_whole_program(sent, limits, _bytes(spec.stdin, spec.stdin_bytes, f"{field}.stdin")),
        limits=limits,
        wanted=tuple(expectations(spec, field)),
        nothing_else=spec.nothing_else,
        databases=tuple(spec.databases),
        ignore_exit_code=sent.request.ignore_exit_code,
    )


_Maker = Callable[[Sent, job_pb2.Test, Limits, str], AnyCheck]
_MAKERS: Mapping[str, _Maker] = {
    "stdio": _stdio,
    "call": _call,
    "asserts": _asserts,
    "suite": _suite,
    "checker": _checker,
    "interactive": _interactive,
    "effects": _effects,
}
# Comparators that judge without an expected value.
_NEED_NO_VALUE = frozenset({"not_none", "raises", "special"})


def _comparator(spec: job_pb2.Comparator, allow_unsafe: bool, field: str) -> Comparator:
    if not spec.name and not spec.params.fields:
        return _default_lines
    return text_comparator(
        spec.name, plain_params(spec.params, f"{field}.comparator.params"), allow_unsafe=allow_unsafe
    )


def _whole_program(sent: Sent, limits: Limits, stdin: bytes) -> TestPlan:
    """One run of the candidate as a program."""
    plan = run_plan(sent.runtime, sent.main, limits, sent.request.program.argv)
    return replace(plan, stdin=stdin, seed=_seed(sent.request))


def _seed(request: job_pb2.ScoreRequest) -> int | None:
    return request.seed if request.HasField("seed") else None


def _bytes(text: str, data: bytes, field: str) -> bytes:
    if text and data:
        raise JobError(field, "is given as text and as bytes", "give one of them")
    return data or text.encode("utf-8", "surrogatepass")

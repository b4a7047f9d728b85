"""From a request to a checked job: every name resolved, every number bounded, every test with its judge. Pure.

Anything wrong is a JobError that names the field and the fix; after this module nothing about a job can be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sandbox.catalog import Catalog
from sandbox.errors import JobError
from sandbox.judge.judged import Judged
from sandbox.judge.kinds import Sent, make_check
from sandbox.minimums import refuse_integrity, refuse_isolation
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import File, TestPlan
from sandbox.plan import tighten
from sandbox.policies import Policy
from sandbox.programs import program_files
from sandbox.reward import Scheme, SchemeError, scheme
from sandbox.runtimes import Runtime
from sandbox.structs import plain_params
from sandbox.v1 import job_pb2

MAX_TESTS = 100_000
MAX_CANARIES = 16


class Check(Protocol):
    """One scheduled test: how to run it, and how to judge what came out."""

    @property
    def plan(self) -> TestPlan:
        """What the candidate's process is given."""

    @property
    def integrity(self) -> Integrity:
        """How far test and candidate are from each other."""

    @property
    def total(self) -> int:
        """How many checks are inside the test; fixed before the run."""

    def judge(self, ended: Ended) -> Judged:
        """What the run is worth. Raises FaultError."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A test of a checked job. A `canary` is none of the job's own (`sandbox/canary.py`)."""

    id: str
    weight: float
    group: str
    public: bool
    check: Check
    canary: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A job about which nothing is wrong."""

    request: job_pb2.ScoreRequest
    runtime: Runtime
    policy: Policy
    limits: Limits
    files: tuple[File, ...]
    main: str
    scheme: Scheme
    tests: tuple[Scheduled, ...]
    cgroup: str


def check_request(request: job_pb2.ScoreRequest, tests: Sequence[job_pb2.Test], catalog: Catalog) -> Checked:
    """Checks a whole request; `tests` are its own, or those that its `tests_ref` names."""
    runtime = catalog.runtime(request.program.language)
    policy = catalog.policy(request.policy)
    limits = tighten(policy.limits, request.limits, "limits")
    only_suites = all(test.WhichOneof("kind") == "suite" for test in tests)
    files, main = program_files(request.program, runtime, needs_main=not only_suites)
    _refuse_unmet(request)
    refuse_isolation(policy, request.min_isolation, catalog.isolation)
    if not tests:
        raise JobError("tests", "there are none, so there is nothing to reward", "give tests, or the ref of a suite")
    if len(tests) > MAX_TESTS:
        raise JobError("tests", f"{len(tests)} tests, at most {MAX_TESTS} are run", "split the suite")
    return Checked(
        request=request,
        runtime=runtime,
        policy=policy,
        limits=limits,
        files=files,
        main=main,
        scheme=_scheme(request.reward),
        tests=_tests(Sent(request, runtime, policy, files, main, catalog), tests, limits),
        cgroup=catalog.cgroup,
    )


def _tests(sent: Sent, tests: Sequence[job_pb2.Test], limits: Limits) -> tuple[Scheduled, ...]:
    seen: set[str] = set()
    scheduled = []
    for number, test in enumerate(tests):
        field = f"tests[{number}]"
        name = test.id or str(number)
        if name in seen:
            raise JobError(f"{field}.id", f"{name!r} names another test, too", "make the ids unique")
        seen.add(name)
        if not 0 <= test.weight < float("inf"):
            raise JobError(f"{field}.weight", f"{test.weight} is not a weight", "give a finite number above 0, or none")
        own = tighten(limits, test.limits, f"{field}.limits") if test.HasField("limits") else limits
        check = make_check(sent, test, sent.runtime.table.extra.added(own), field)
        refuse_integrity(sent.policy, sent.request, check.integrity, field)
        public = test.visibility == job_pb2.PUBLIC
        scheduled.append(Scheduled(name, test.weight or 1.0, test.group, public, check))
    return tuple(scheduled)


def _scheme(spec: job_pb2.RewardSpec) -> Scheme:
    try:
        return (
            _known_scheme(spec.scheme)
            if not spec.params.fields
            else scheme(spec.scheme, plain_params(spec.params, "reward.params"))
        )
    except SchemeError as error:
        raise JobError(error.field, error.message, error.suggestion) from error


@lru_cache(maxsize=64)
def _known_scheme(name: str) -> Scheme:
    return scheme(name)


_ENUMS = tuple(
    (field, frozenset(kind.values()), ", ".join(kind.keys()))
    for field, kind in (
        ("stop", job_pb2.StopRule),
        ("feedback", job_pb2.Feedback),
        ("min_isolation", job_pb2.IsolationTier),
        ("min_integrity", job_pb2.IntegrityLevel),
    )
)


def _refuse_unmet(request: job_pb2.ScoreRequest) -> None:
    for field, values, names in _ENUMS:
        if getattr(request, field) not in values:
            raise JobError(field, f"{getattr(request, field)} is no value of it", f"one of: {names}")
    if any("\0" in argument for argument in request.program.argv):
        raise JobError("program.argv", "holds a NUL")
    if request.canaries > MAX_CANARIES:
        raise JobError("canaries", f"{request.canaries} of them, at most {MAX_CANARIES} are planted", "ask for fewer")
    if request.branch and not request.workspace:
        raise JobError("branch", "is given without a workspace", "name the workspace that it is a branch of")
    if request.workspace and request.canaries:
        raise JobError("canaries", "are not planted into jobs in a workspace", "leave them out")

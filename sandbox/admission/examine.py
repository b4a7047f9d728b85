"""Examines one problem: the right program several times, the weak ones once, and what follows from it.

Jobs go out one after the other, each a whole run over the problem's tests; whoever has many problems examines several
at a time. A failure of ours leaves the problem undecided: it is never a reason against it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.admission.findings import Suspicion, find
from sandbox.admission.proposal import Proposal
from sandbox.admission.reorder import blind_to_order, may_be_reordered, printed_in_another_order
from sandbox.admission.vectors import Role, Vector, vector_of
from sandbox.admission.weak import WeakProgram, weak_programs
from sandbox.v1 import job_pb2, verdict_pb2

Ask = Callable[[job_pb2.ScoreRequest], Awaitable[verdict_pb2.ScoreResponse]]
RUNS = 3
MAX_CONSTANT = 0.2
# So much of what the right program prints is compared between its runs.
_COMPARED_BYTES = 1 << 16
# Rejections that say nothing of the job: nobody had the time or the place for it.
_NOT_ITS_FAULT = frozenset(
    {
        verdict_pb2.RESOURCE_EXHAUSTED,
        verdict_pb2.CANCELLED,
        verdict_pb2.DEADLINE_EXCEEDED,
        verdict_pb2.UNAVAILABLE,
        verdict_pb2.REJECT_CODE_UNSPECIFIED,
    }
)


@dataclass(frozen=True, slots=True)
class Options:
    """`runs` of the right program; `max_constant` is the largest share of the tests that one answer may pass."""

    runs: int = RUNS
    max_constant: float = MAX_CONSTANT


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one problem. `admitted` is None where a fault of ours left that open; `bad`: it could not be run.

    `tests` are names with their flags; `runs` the programs that were judged.
    """

    id: str
    admitted: bool | None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    tests: tuple[tuple[str, tuple[str, ...]], ...] = ()
    runs: tuple[Vector, ...] = ()
    bad: bool = False


async def examine(proposal: Proposal, ask: Ask, options: Options) -> Report:
    """Runs what is needed, and reports. Raises only what `ask` raises, which answers every job with a message."""
    work = _Work(proposal, ask)
    if proposal.request.tests_ref:
        return bad_report(
            proposal.id, "tests_ref: the tests have to be in the line, since weak programs are made of them"
        )
    for _ in range(options.runs):
        await work.run_gold()
        if work.bad:
            return bad_report(proposal.id, work.bad)
    weak = weak_programs(proposal.request)
    for program in weak.programs:
        await work.run_weak(program)
    reordered = await work.failed_by_order(options.runs)
    language = proposal.request.program.language
    notes = [*proposal.notes, *work.notes]
    notes += [f"no weak programs: {language} has none for {kind} tests" for kind in weak.missing]
    if work.faults:
        return Report(proposal.id, None, notes=tuple(notes), faults=tuple(work.faults), runs=tuple(work.vectors))
    suspicion = Suspicion(listed=_listed(proposal.request), reordered=reordered)
    found = find(proposal.names, work.vectors, suspicion, options.max_constant)
    tests = tuple(zip(proposal.names, found.flags, strict=True))
    return Report(
        proposal.id,
        not found.reasons,
        reasons=found.reasons,
        notes=(*notes, *found.notes),
        tests=tests,
        runs=tuple(work.vectors),
    )


def bad_report(name: str, why: str) -> Report:
    """The report on what is no problem, or cannot be run."""
    return Report(name, False, reasons=(f"bad: {why}",), bad=True)


@dataclass(slots=True)
class _Work:
    """What has been found out so far. `bad` says why the problem cannot be run at all."""

    proposal: Proposal
    ask: Ask
    vectors: list[Vector] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    bad: str = ""

    async def run_gold(self) -> None:
        """One run of the right program."""
        request = _whole_run(self.proposal.request)
        request.feedback, request.output_clip_bytes = job_pb2.ALL, _COMPARED_BYTES
        verdict = await self._verdict("gold", request)
        if verdict is not None:
            self.vectors.append(vector_of(Role.GOLD, "gold", request, verdict))

    async def run_weak(self, program: WeakProgram) -> None:
        """One weak program. What does not compile, or is refused, proves nothing, and the report says so."""
        request = _whole_run(self.proposal.request)
        del request.program.files[:]
        request.program.source = program.source
        request.ClearField("canaries")
        verdict = await self._verdict(program.label, request)
        if verdict is None:
            if self.bad:
                self.notes.append(f"weak program: {program.label!r} was refused: {self.bad}")
                self.bad = ""
        elif verdict.status == verdict_pb2.COMPILE_ERROR:
            self.notes.append(f"weak program: {program.label!r} does not compile")
        else:
            self.vectors.append(vector_of(program.role, program.label, request, verdict))

    async def failed_by_order(self, runs: int) -> frozenset[int]:
        """The tests that the right program failed by the order of its answer alone."""
        request = _whole_run(self.proposal.request)
        numbers = may_be_reordered(request, self.vectors)
        for _ in range(runs if numbers else 0):
            verdict = await self._verdict("gold, in any order", blind_to_order(request, numbers))
            results = verdict.tests if verdict is not None else []
            passed = [result.status == verdict_pb2.ACCEPTED for result in results] or [False] * len(numbers)
            numbers = [number for number, held in zip(numbers, passed, strict=True) if held]
            if not numbers:
                break
        self.bad = ""  # a comparator that does not fit finds nothing
        return printed_in_another_order(request, self.vectors) | frozenset(numbers)

    async def _verdict(self, label: str, request: job_pb2.ScoreRequest) -> verdict_pb2.Verdict | None:
        answer = await self.ask(request)
        match answer.WhichOneof("outcome"):
            case "verdict":
                return answer.verdict
            case "rejected" if answer.rejected.code not in _NOT_ITS_FAULT:
                rejected = answer.rejected
                self.bad = f"{rejected.field}: {rejected.message}" if rejected.field else rejected.message
            case "rejected":
                code = verdict_pb2.RejectCode.Name(answer.rejected.code)
                self.faults.append(f"{label}: {code}: {answer.rejected.message}")
            case _:
                kind = verdict_pb2.FaultKind.Name(answer.fault.kind)
                self.faults.append(f"{label}: {kind}: {answer.fault.message}")
        return None


def _whole_run(given: job_pb2.ScoreRequest) -> job_pb2.ScoreRequest:
    """The job so that all its tests run, and each with fresh entropy: with one seed, all would draw the same."""
    request = job_pb2.ScoreRequest()
    request.CopyFrom(given)
    for name in ("seed", "stop", "coalesce", "group_id"):
        request.ClearField(name)
    return request


def _listed(request: job_pb2.ScoreRequest) -> frozenset[int]:
    """The tests that list further answers themselves."""
    return frozenset(
        number
        for number, test in enumerate(request.tests)
        if test.stdio.accepted or test.stdio.comparator.name == "any_of"
    )

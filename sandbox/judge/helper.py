"""Programs of the judge's side that decide, checkers and interactors: read from a request, laid out, and run.

One that runs into a limit of its own did so over what the candidate gave it (`classify.exhausted`): a verdict.
Everything else that goes wrong with it (an exit code without a meaning, a signal, an exception) is a JudgeFault, but
for two exceptions of interpreted ones that can only be about the output: it ended before all was read, or is no text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sandbox.catalog import Catalog
from sandbox.errors import JobError, nearest
from sandbox.judge.classify import classify, exhausted
from sandbox.judge.judged import Judged
from sandbox.judge.protocols import CRASH_CODES, FEEDBACK, KATTIS_FILES, NEXT_PASS, Decision, decide
from sandbox.judge.session import Helper, Ready
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault
from sandbox.model.plan import File, TestPlan
from sandbox.model.status import Stage
from sandbox.programs import program_files
from sandbox.v1 import job_pb2

INPUT, OUTPUT, ANSWER = "input.txt", "output.txt", "answer.txt"
_ADDED = (INPUT, OUTPUT, ANSWER, NEXT_PASS)
INTERACTOR_PROTOCOLS = ("testlib", "kattis")
CHECKER_PROTOCOLS = (*INTERACTOR_PROTOCOLS, "python")
MAX_PASSES = 100
# Above this, what a helper left is read in a thread: the event loop has other cells to serve.
_LARGE = 1 << 18
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deciding:
    """A helper that decides, and how it says so. `arguments` are the sender's own, after those of the protocol."""

    helper: Helper
    protocol: str
    arguments: tuple[str, ...]

    @property
    def collects(self) -> tuple[str, ...]:
        """The files that it may leave for the judge."""
        return tuple(FEEDBACK + name for name in KATTIS_FILES) if self.protocol == "kattis" else ()

    def plan(
        self, ready: Ready, limits: Limits, *, given: str = INPUT, output: str = OUTPUT, stdin: bytes = b""
    ) -> TestPlan:
        """One run of it as a program. `output` is where testlib's finds, or leaves, the output."""
        named = (given, ANSWER, FEEDBACK) if self.protocol == "kattis" else (given, output, ANSWER)
        plan = ready.test(limits, (*named, *self.arguments), stdin)
        return replace(plan, crash_codes=CRASH_CODES) if plan.mode == "main" else plan

    def decide(self, ended: Ended, who: str, excused: Mapping[int | None, str]) -> Decision:
        """What it decided by its end; `excused` as in `protocols.decide`. Raises JudgeFault."""
        interpreted = self.helper.runtime.table.interpreter is not None
        try:
            return decide(self.protocol, ended, excused if interpreted else {})
        except JudgeFault as fault:
            raise JudgeFault(f"the {who} failed: {fault}") from fault


def read_helper(program: job_pb2.Program, protocol: str, catalog: Catalog, field: str) -> Deciding:
    """The helper that `field` of a request gives. Raises JobError."""
    if not program.source and not program.files:
        raise JobError(field, "is missing", "give its source, or its files")
    runtime = catalog.runtime(program.language, f"{field}.language")
    if protocol == "python" and runtime.table.interpreter is None:
        raise JobError(f"{field}.language", f"{runtime.name} has no functions to call", 'protocol "testlib", or Python')
    if protocol == "python" and program.argv:
        raise JobError(f"{field}.argv", "a function has no arguments but the three of `check`", "leave it out")
    if any("\0" in argument for argument in program.argv):
        raise JobError(f"{field}.argv", "holds a NUL", "take it out")
    files, main = program_files(program, runtime, field)
    taken = next((file.path for file in files if file.path.partition("/")[0] in _ADDED), None)
    if taken is not None:
        raise JobError(f"{field}.files", f"{taken!r} is the name of a file that the judge adds", "name it otherwise")
    return Deciding(Helper(runtime, files, main), protocol, tuple(program.argv))


def known_protocol(name: str, known: Sequence[str], field: str) -> str:
    """The protocol of that name; an empty one is "testlib". Raises JobError."""
    if (name or "testlib") not in known:
        raise JobError(field, f"no protocol is called {name!r}", nearest(name, known))
    return name or "testlib"


def known_passes(passes: int, protocol: str, field: str) -> int:
    """At most so many runs of the candidate. Raises JobError."""
    if passes > 1 and protocol != "kattis":
        raise JobError(field, f"the protocol {protocol!r} has one pass", 'leave it out, or take protocol "kattis"')
    if passes > MAX_PASSES:
        raise JobError(field, f"{passes} passes, at most {MAX_PASSES} are run", "lower it")
    return passes or 1


def laid_out(ready: Ready, given: Mapping[str, bytes], limits: Limits) -> tuple[tuple[File, ...], int]:
    """The files of a helper's world, and the room on its disk: a long output takes nothing of the helper's own."""
    files = (*ready.files, *(File(name, data) for name, data in given.items()))
    return files, limits.disk_bytes + sum(map(len, given.values()))


def ran_into(ended: Ended, limits: Limits, who: str) -> tuple[Stage, str] | None:
    """The limit that a helper ran into; None when it ran to its end. Raises JudgeFault and StarvedFault."""
    limit = exhausted(ended, limits, who)
    found = classify(ended, limits, ignore_exit_code=True)
    if limit is None and found is not None:
        raise JudgeFault(f"the {who} did not end well: {found[1]}")
    return limit


async def judge_apart(judge: Callable[[], T], ended: Ended) -> T:
    """What `judge` says of a helper's run, from a thread where that left much to read."""
    if len(ended.stderr) + len(ended.extra) > _LARGE:
        return await asyncio.to_thread(judge)
    return judge()


def judged(decision: Decision, ended: Ended) -> Judged:
    """A test that a helper decided; `ended` is the candidate's run."""
    if decision.score == 1.0:
        return Judged(Stage.ACCEPTED, 1.0, 1, 1, decision.detail, ended=ended)
    return Judged(Stage.WRONG_ANSWER, decision.score, 1, 0, decision.detail, ended=ended)

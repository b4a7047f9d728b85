"""`interactive` tests: candidate and interactor run at the same time, each reads what the other writes.

Who ended first decides whose end counts, since each end makes the other side's: a candidate whose interactor is gone
dies of SIGPIPE or of an empty line, an interactor whose candidate is gone reads an end of file and calls it wrong. To
know who was first, the judge holds the candidate's end of its own pipe open: as long as it does, an interactor that
has ended did so for another reason. It lets go when the candidate has ended well, or a moment after it ended badly.

    first        its end                          then
    interactor   rejects                          WRONG_ANSWER, however the candidate ends
    interactor   accepts, or scores               the candidate's end if it is bad, else ACCEPTED or the score
    interactor   a limit of its own               that limit: over what the candidate wrote, see `helper.py`
    interactor   anything else                    JudgeFault
    candidate    crash, exit code, limit          that, whatever the interactor makes of it: never a fault
    candidate    well                             the interactor's: rejects, accepts, scores, limit, JudgeFault
    nobody       both wait                        the candidate's TIME_LIMIT: the interactor's wall limit is longer
    either       starved                          StarvedFault

What an interactor writes to a candidate that has ended is taken in and thrown away: that a program leaves before it
has read the last line must not kill the interactor that is about to accept it. An interactor that closes its output is
seen at once; a candidate that does so, when it ends.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from sandbox.judge.classify import classify
from sandbox.judge.helper import ANSWER, INPUT, OUTPUT, Deciding, judge_apart, judged, laid_out, ran_into
from sandbox.judge.judged import Judged
from sandbox.judge.protocols import FEEDBACK, NO_INPUT, Decision
from sandbox.judge.session import Session, StagedCheck, outliving
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage

# How long an interactor that has ended may take until that is known here.
_MOMENT_S = 0.1
_CHUNK = 1 << 16
_EXCUSED: Mapping[int | None, str] = {NO_INPUT: "the output ended too early"}


@dataclass(frozen=True)
class InteractiveCheck(StagedCheck):
    """One conversation, and who decides about it."""

    integrity = Integrity.ISOLATED
    plan: TestPlan
    limits: Limits
    helper: Deciding
    given: bytes
    answer: bytes
    ignore_exit_code: bool
    judge_limits: Limits

    @property
    def total(self) -> int:
        """The one decision."""
        return 1

    @property
    def longer(self) -> Limits:
        """The interactor's limits."""
        return outliving(self.judge_limits, self.limits)

    async def run(self, session: Session) -> Judged:
        """Runs both and lets them talk. Raises FaultError."""
        ready = await session.ready(self.helper.helper)
        plan = self.helper.plan(ready, self.longer, output=FEEDBACK + OUTPUT)
        async with session.cell(ready.plan) as cell:
            cell.open_program(*laid_out(ready, {INPUT: self.given, ANSWER: self.answer}, self.longer))
            with pipes() as held:
                candidate = session.candidate.submit(session.prepare(self.plan), streams=held.of_candidate)
                interactor = cell.submit(plan, self.helper.collects, streams=held.of_interactor)
                held.start()
                await asyncio.wait((candidate, interactor), return_when=asyncio.FIRST_COMPLETED)
                if not interactor.done():
                    failed = self._failed(await candidate)
                    if failed is not None:
                        await asyncio.wait((interactor,), timeout=_MOMENT_S)
                    if failed is not None and not interactor.done():
                        return failed
                    held.let_go()
                tested = await interactor
                said = await judge_apart(partial(self._said, tested), tested)
                return self._judged(await candidate, said)

    def _said(self, tested: Ended) -> Decision | tuple[Stage, str]:
        """The interactor's decision, or the limit that it ran into. Raises JudgeFault and StarvedFault."""
        return ran_into(tested, self.longer, "interactor") or self.helper.decide(tested, "interactor", _EXCUSED)

    def _judged(self, ended: Ended, said: Decision | tuple[Stage, str]) -> Judged:
        if not isinstance(said, Decision):
            return Judged(said[0], 0.0, 1, 0, said[1], ended=ended)
        return (None if said.rejects else self._failed(ended)) or judged(said, ended)

    def _failed(self, ended: Ended) -> Judged | None:
        found = classify(ended, self.limits, self.ignore_exit_code)
        return None if found is None else Judged(found[0], 0.0, 1, 0, found[1], ended=ended)


class Pipes:
    """Two pipes between two programs, and the ends of them that the judge holds."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        given, theirs = self._pipe()
        back, self._writing = self._pipe()
        # Standard input and output of each.
        self.of_candidate = (given, self._writing)
        self.of_interactor = (back, theirs)
        # Opened anew: reading there must not wait, and the flags of the candidate's own end are the candidate's.
        self._sink = os.open(f"/proc/self/fd/{given}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._open.add(self._sink)
        self._drained = False

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe2(os.O_CLOEXEC)
        self._open.update(ends)
        return ends

    def start(self) -> None:
        """Both programs were given their ends: what only they need is closed here."""
        for fd in (*self.of_interactor, self.of_candidate[0]):
            self._close(fd)

    def let_go(self) -> None:
        """The candidate has ended: the interactor sees that, and what it still writes goes nowhere."""
        self._close(self._writing)
        self._drained = True
        asyncio.get_running_loop().add_reader(self._sink, self._drain)

    def close(self) -> None:
        """Closes what is open."""
        self._stop_draining()
        for fd in [*self._open]:
            self._close(fd)

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            if not os.read(self._sink, _CHUNK):
                self._stop_draining()

    def _stop_draining(self) -> None:
        if self._drained:
            self._drained = False
            asyncio.get_running_loop().remove_reader(self._sink)

    def _close(self, fd: int) -> None:
        self._open.remove(fd)
        os.close(fd)


@contextmanager
def pipes() -> Iterator[Pipes]:
    """Pipes for one conversation, closed with the block."""
    made = Pipes()
    try:
        yield made
    finally:
        made.close()

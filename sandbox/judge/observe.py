"""Tests that expect nothing: a program runs to its end, or a call returns, and a fingerprint says what came out.

They are judged where the whole output is, here, before anything of it is clipped. More output than the limit allows is
OUTPUT_LIMIT, as everywhere, and has no fingerprint: of what was cut off nobody knows whether it is the same.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import ClassVar

from sandbox.judge.claims import Malformed, claim_alarms, read_claims
from sandbox.judge.classify import classify
from sandbox.judge.fingerprint import of_output, of_value
from sandbox.judge.judged import Judged
from sandbox.judge.values.keys import EqualToNothing
from sandbox.judge.values.types import Raised
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage

# The last line of a traceback: a class, perhaps with its module, alone or before a colon.
_NAME = 100
_EXCEPTION = re.compile(rb"((?:[a-z_]\w*\.)*[A-Z]\w{0,99})(?::|$)")


@dataclass(frozen=True, slots=True)
class ObservedOutput:
    """One run of a program: what it printed, whatever that is."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    ignore_exit_code: bool
    total: int = 1

    def judge(self, ended: Ended) -> Judged:
        """Accepted when the program ran to its end. Raises StarvedFault."""
        found = classify(ended, self.limits, self.ignore_exit_code)
        if found is not None:
            return _failed(*found, ended, error_class(ended))
        return Judged(Stage.ACCEPTED, 1.0, 1, 1, ended=ended, fingerprint=of_output(ended.stdout))


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """One call: what it returned, as long as that is plain data."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    total: int = 1

    def judge(self, ended: Ended) -> Judged:
        """Accepted when the call returned plain data; an exception is RUNTIME_ERROR. Raises StarvedFault."""
        found = classify(ended, self.limits)
        if found is not None:
            return _failed(*found, ended, error_class(ended))
        claims = read_claims(ended.extra, 1)
        if not claims:
            return _failed(Stage.RUNTIME_ERROR, "the process ended before the call returned", ended)
        claim = claims[0]
        if isinstance(claim, Raised):
            why = f"{claim.type_name}: {claim.message[:200]}"
            return _failed(Stage.RUNTIME_ERROR, why, ended, claim.type_name[:100])
        if isinstance(claim, Malformed):
            return _failed(Stage.WRONG_ANSWER, f"the value is not plain: {claim.reason}", ended)
        alarms = claim_alarms(ended.extra, claims)
        try:
            fingerprint = of_value(claim)
        except EqualToNothing:
            why = "the value is no plain data, or a dictionary in which a key comes twice: it equals nothing"
            return Judged(Stage.WRONG_ANSWER, 0.0, 1, 0, why, alarms, ended)
        return Judged(Stage.ACCEPTED, 1.0, 1, 1, alarms=alarms, ended=ended, fingerprint=fingerprint)


def error_class(ended: Ended) -> str:
    """What a program died of: the exception that its last line on stderr names, a signal, or "exit 3"; "" of none."""
    if ended.signal:
        try:
            return signal.Signals(ended.signal).name
        except ValueError:
            return f"signal {ended.signal}"
    if not ended.exit_code:
        return ""
    named = _EXCEPTION.match(ended.stderr[-2000:].strip().rpartition(b"\n")[2])
    return named[1][-_NAME:].decode(errors="replace") if named and ended.exit_code == 1 else f"exit {ended.exit_code}"


def _failed(stage: Stage, detail: str, ended: Ended, error: str = "") -> Judged:
    return Judged(stage, 0.0, 1, 0, detail, ended=ended, error_class=error)

"""How a checker or an interactor says what it decided: from its end, and what it left, to a decision. Pure.

    protocol   it says so by                                          accepts   rejects      scores
    testlib    its exit code; `points N` in its error output          0         1, 2, 4, 8   7
    kattis     its exit code; score.txt beside it                     42        43           42 with score.txt
    python     what its function returns                              True      False        a number, (number, message)

Everything else is a failure of that program and raises JudgeFault: it is never the candidate's wrong answer. A score is
a number in [0, 1]; one outside is a failure, too, since a checker that counts to 100 would make every program perfect
if it were clamped. What they write is data. It is read with bounds, and nothing in it is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sandbox.judge.claims import Malformed, read_claims
from sandbox.judge.values.show import show
from sandbox.judge.values.types import Raised
from sandbox.model.outcome import Ended, JudgeFault, Refused

# Where Kattis' programs leave their feedback: empty and writable when a program of a cell starts.
FEEDBACK = "/box/tmp/"
SCORE, NEXT_PASS, MESSAGE = "score.txt", "nextpass.in", "judgemessage.txt"
# In the order in which they are copied: a long message must not take the room of the others.
KATTIS_FILES = (SCORE, NEXT_PASS, MESSAGE)
# Exit codes of an interpreted helper after an exception that nobody caught (EOFError, UnicodeDecodeError, any other):
# 1, which interpreters use, means "wrong" to testlib.
NO_INPUT, NOT_TEXT, CRASHED = CRASH_CODES = 213, 214, 215

_DETAIL = 1000
_FAILED = 3
_POINTS = 7
_TESTLIB = {
    0: (True, "ok"),
    1: (False, "wrong answer"),
    2: (False, "presentation error"),
    4: (False, "more output than was asked for"),
    8: (False, "unexpected end of the output"),
}
_KATTIS = {42: True, 43: False}
_NUMBER = rb"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,4})?"
_SCORE_TEXT = re.compile(rb"[ \t\r\n]{0,100}(" + _NUMBER + rb")[ \t\r\n]{0,100}")
_POINTS_LINE = re.compile(rb"^points[ \t]{1,8}(" + _NUMBER + rb")(?=[ \t\r\n]|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. `rejects` is a plain no, other than a score below 1."""

    score: float
    detail: str = ""
    rejects: bool = False


def testlib(exit_code: int | None, stderr: bytes) -> Decision:
    """testlib's exit codes. Raises JudgeFault.

    The error output quotes what the candidate printed, so that it may hold further lines of points: the lowest counts.
    """
    told = words(stderr)
    if exit_code in _TESTLIB:
        accepts, meaning = _TESTLIB[exit_code]
        return Decision(1.0, told) if accepts else Decision(0.0, told or meaning, rejects=True)
    if exit_code == _POINTS:
        points = [score for text in _POINTS_LINE.findall(stderr) if (score := _score(float(text))) is not None]
        if points:
            return Decision(min(points), told)
        raise JudgeFault(f"exit code 7 without `points N`, N in [0, 1], in the error output: {told}")
    raise JudgeFault(f"exit code {exit_code}{', as it says itself' if exit_code == _FAILED else ''}: {told}")


def kattis(exit_code: int | None, files: Mapping[str, bytes | Refused | None], stderr: bytes = b"") -> Decision:
    """Kattis' exit codes, and the score of one that accepts. Raises JudgeFault."""
    message = files.get(MESSAGE)
    told = words(message if isinstance(message, bytes) else stderr)
    accepts = None if exit_code is None else _KATTIS.get(exit_code)
    if accepts is None:
        raise JudgeFault(f"exit code {exit_code}, which is neither 42 nor 43: {told}")
    if not accepts:
        return Decision(0.0, told or "wrong answer", rejects=True)
    text = files.get(SCORE)
    if text is None:
        return Decision(1.0, told)
    if isinstance(text, Refused):
        raise JudgeFault(f"{SCORE} is {text.value}")
    found = _SCORE_TEXT.fullmatch(text)
    score = _score(float(found[1])) if found else None
    if score is None:
        raise JudgeFault(f"{SCORE} is not a number in [0, 1]: {words(text)[:100]!r}")
    return Decision(score, told)


def next_pass(files: Mapping[str, bytes | Refused | None]) -> bytes | Refused | None:
    """The input of the next pass; None where there is to be none. LARGE is the candidate's to answer for.

    Raises JudgeFault where it is no file.
    """
    found = files.get(NEXT_PASS)
    if found is Refused.IRREGULAR:
        raise JudgeFault(f"{NEXT_PASS} is {found.value}")
    return found


def python(claims: bytes, stderr: bytes) -> Decision:
    """What `check` returned, as its process claims it: a bool, a number in [0, 1], or one of them and a message.

    Raises JudgeFault.
    """
    listed = read_claims(claims, 1)
    if not listed:
        raise JudgeFault(f"it ended before `check` returned: {words(stderr, last=True)}")
    value, told = listed[0], ""
    if isinstance(value, Raised):
        raise JudgeFault(f"`check` raised {value.type_name[:100]}: {value.message[:_DETAIL]}")
    if type(value) is tuple and len(value) == 2 and type(value[1]) is str:
        value, told = value[0], words(value[1].encode("utf-8", "surrogatepass"))
    score = _score(value)
    if score is not None:
        return Decision(score, told, rejects=value is False)
    shown = value.reason if isinstance(value, Malformed) else show(value)
    raise JudgeFault(f"`check` returned neither a bool, nor a number in [0, 1], nor (number, message): {shown}")


def decide(protocol: str, ended: Ended, excused: Mapping[int | None, str] = MappingProxyType({})) -> Decision:
    """The decision of a helper that ran to its end. Raises JudgeFault.

    `excused`: ends of an interpreted helper by which it says, whether it means to or not, what is wrong with the output
    that it read; each with the words for it.
    """
    if ended.exit_code in excused:
        return Decision(0.0, excused[ended.exit_code], rejects=True)
    if ended.exit_code in CRASH_CODES:
        raise JudgeFault(words(ended.stderr, last=True))
    return _READERS[protocol](ended)


def collected(ended: Ended) -> dict[str, bytes | Refused | None]:
    """What came back of the feedback folder, by name."""
    return dict(zip(KATTIS_FILES, ended.collected, strict=False))


_READERS: Mapping[str, Callable[[Ended], Decision]] = {
    "testlib": lambda ended: testlib(ended.exit_code, ended.stderr),
    "kattis": lambda ended: kattis(ended.exit_code, collected(ended), ended.stderr),
    "python": lambda ended: python(ended.extra, ended.stderr),
}


def words(text: bytes, last: bool = False) -> str:
    """The start of a text, or its last line, fit to be shown: bounded, valid, no control characters."""
    part = text[-_DETAIL:].strip().rpartition(b"\n")[2] if last else text[: 4 * _DETAIL]
    shown = (each if each.isprintable() or each == "\n" else " " for each in part.decode(errors="replace"))
    return "".join(shown).strip()[:_DETAIL]


def _score(value: object) -> float | None:
    """A number in [0, 1], which NaN is not; None for anything else."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None

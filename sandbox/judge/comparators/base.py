"""What every comparator is: two byte strings in, one bounded `Comparison` out.

Nothing here or in the neighbouring modules raises because of what a program printed: an output that
cannot be compared is rejected with a reason. Only a wrong name or wrong parameters raise, when the comparator is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_REASON = 400
_MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """How well one output matches: `score` in [0, 1], and the test passes only when it is exactly 1.0."""

    score: float
    reason: str = ""


class Comparator(Protocol):
    """Anything that judges the bytes a program wrote against the bytes that were expected."""

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare; must not raise, whatever the bytes are."""


class ComparatorError(ValueError):
    """A comparator was asked for by a wrong name or with wrong parameters; `field` says which one."""

    def __init__(self, field: str, message: str, suggestion: str = "") -> None:
        super().__init__(f"{field}: {message}" + (f" ({suggestion})" if suggestion else ""))
        self.field = field
        self.message = message
        self.suggestion = suggestion


ACCEPTED = Comparison(1.0)


def rejected(reason: str, score: float = 0.0) -> Comparison:
    """Score below 1.0 with a reason for a person: one line, at most 400 characters, nothing unprintable."""
    line = reason if reason.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in reason)
    if len(line) > MAX_REASON:
        line = line[: MAX_REASON - 1] + "…"
    return Comparison(score, line)


def bad_expected(why: str) -> Comparison:
    """Reject because the expected output itself does not fit the comparator: the test is wrong, not the program."""
    return rejected(f"the expected output does not fit this comparator: {why}")


def nul_found(actual: bytes, expected: bytes) -> Comparison | None:
    """Reject when either side holds a NUL byte, which no text comparator accepts (`exact` does)."""
    if b"\0" in expected:
        return bad_expected(f"NUL at byte {expected.index(0)}, use 'exact' for binary data")
    if b"\0" in actual:
        return rejected(f"the output holds a NUL at byte {actual.index(0)}")
    return None


def show(piece: bytes, around: int = 0) -> str:
    """Quote a piece of output for a reason: at most 60 bytes, taken from around one offset, all escaped."""
    start, end = 0, len(piece)
    if end > _MAX_SHOWN:
        start = _character_start(piece, max(0, around - _MAX_SHOWN // 2))
        end = _character_start(piece, min(end, start + _MAX_SHOWN))
    part = piece[start:end]
    try:
        text = repr(part.decode())
    except UnicodeDecodeError:
        text = repr(part)[1:]
    return ("…" if start else "") + text + ("…" if end < len(piece) else "")


def _character_start(data: bytes, at: int) -> int:
    """Move back over the continuation bytes of UTF-8, of which a character has at most three."""
    for start in range(at, max(at - 4, 0), -1):
        if start == len(data) or data[start] & 0xC0 != 0x80:
            return start
    return at

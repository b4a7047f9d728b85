"""Where two normal forms differ, in words: the one sentence that a rejected comparison carries."""

from __future__ import annotations

from .base import Comparison, rejected, show
from .text import first_difference


def first_different(unit: str, separator: bytes, actual: bytes, expected: bytes, score: float = 0.0) -> Comparison:
    """Reject, naming the first differing unit ("line", "token"); the two forms must not be equal."""
    at = first_difference(actual, expected)
    ended = _ends_at(actual, separator, at), _ends_at(expected, separator, at)
    if at and all(ended):
        return _rest(unit, separator, actual, expected, at, score)
    number = expected.count(separator, 0, at) + 1
    start = expected.rfind(separator, 0, at) + 1
    got, wanted = _unit(actual, separator, start), _unit(expected, separator, start)
    place = f"{unit} {number}" if max(len(got), len(wanted)) <= 40 else f"{unit} {number}, byte {at - start + 1}"
    if not actual:
        return rejected(f"{place}: expected {show(wanted, at - start)}, but the output is empty", score)
    if not expected:
        return rejected(f"{place}: expected no output, got {show(got, at - start)}", score)
    return rejected(f"{place}: expected {show(wanted, at - start)}, got {show(got, at - start)}", score)


def _rest(unit: str, separator: bytes, actual: bytes, expected: bytes, at: int, score: float) -> Comparison:
    """One side ends where the other goes on with a further unit."""
    number = expected.count(separator, 0, at) + 2
    if at == len(actual):
        wanted = _unit(expected, separator, at + 1)
        return rejected(f"{unit} {number}: expected {show(wanted)}, but the output ends before it", score)
    got = _unit(actual, separator, at + 1)
    return rejected(f"{unit} {number}: got {show(got)} after the end of the expected output", score)


def _ends_at(text: bytes, separator: bytes, at: int) -> bool:
    return at == len(text) or text[at : at + 1] == separator


def _unit(text: bytes, separator: bytes, start: int) -> bytes:
    end = text.find(separator, start)
    return text[start:] if end < 0 else text[start:end]

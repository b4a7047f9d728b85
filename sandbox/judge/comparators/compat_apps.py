"""The comparison cascades of APPS and of its two descendants, TACO and the PRIME code reward.

All three try one comparison after another and accept on the first that holds. What was written for lists of lines
also runs on a plain string in TACO, where it compares characters: that is emulated as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .numbers import MAX_LENGTH


def apps(actual: str, expected: str) -> bool:
    """APPS (unsafe): also accepts any order of lines and of tokens, repetitions, and numbers equal to 3 decimals.

    In turn: equal after stripping, as a whole or line by line; equal lists of lines, without empty lines too; whole
    lines as floats, all close (1e-5 relative, 1e-8 absolute); equal sets of token sets; the same of rounded floats.
    Source: APPS `run_test`.
    """
    got, wanted = actual.splitlines(), _expected_lines(expected)
    if _lines_match(got, expected, wanted):
        return True
    got = [line for line in got if line]
    if got == wanted or _close(got, wanted):
        return True
    printed = [set(line.split()) for line in got if line.split()]
    return _same_sets(printed, [set(line.split()) for line in wanted])


def prime(actual: str, expected: str) -> bool:
    """PRIME code reward of verl (unsafe): lines in order, but whole lines as floats need only be close.

    As APPS without the sets, and lines that are all digits on both sides are never compared as floats.
    Source: verl `prime_code`.
    """
    got, wanted = actual.splitlines(), _expected_lines(expected)
    if _lines_match(got, expected, wanted):
        return True
    got = [line for line in got if line]
    if got == wanted:
        return True
    if len(got) != len(wanted) or all(map(str.isdigit, (*got, *wanted))):
        return False
    return _close(got, wanted)


def taco(actual: str, expected: str) -> bool:
    """TACO (unsafe): equal after stripping, or the same characters in the tokens as there are tokens in the lines.

    The cascade of APPS, applied to the output as one string: its characters stand where lines were meant, so `321`
    passes for `1 2 3`. Source: TACO `compare_std_results`.
    """
    if actual.strip() == expected.strip():
        return True
    wanted = _expected_lines(expected)
    if len(actual) == len(wanted) and _close(actual, wanted):
        return True
    return _same_sets([set(token) for token in set(actual.split())], [set(line.split()) for line in wanted])


def _expected_lines(expected: str) -> list[str]:
    return [line.strip() for line in expected.split("\n") if line]


def _lines_match(got: list[str], expected: str, wanted: list[str]) -> bool:
    """Compare in the ways that do not yet drop the empty lines of the output."""
    text = expected.strip()
    return "\n".join(got).strip() == text or "\n".join(map(str.strip, got)).strip() == text or got == wanted


def _close(got: Sequence[str], wanted: Sequence[str]) -> bool:
    """Compare two sequences of numbers as `numpy.allclose` does; False where one is not a number."""
    try:
        pairs = [(_float(one), _float(other)) for one, other in zip(got, wanted, strict=True)]
    except ValueError:
        return False
    return all(one == other or abs(one - other) <= 1e-8 + 1e-5 * abs(other) < float("inf") for one, other in pairs)


def _same_sets(got: Iterable[set[str]], wanted: Iterable[set[str]]) -> bool:
    got, wanted = list(got), list(wanted)
    if set(map(frozenset, got)) == set(map(frozenset, wanted)):
        return True
    try:
        return _rounded(got) == _rounded(wanted)
    except ValueError:
        return False


def _rounded(sets: Iterable[set[str]]) -> set[frozenset[float]]:
    return {frozenset(round(_float(token), 3) for token in tokens) for tokens in sets}


def _float(text: str) -> float:
    if len(text) > MAX_LENGTH:
        raise ValueError("too long for a number")
    return float(text)

"""Graders that strip the output and compare it, whole or line by line, on Python text."""

from __future__ import annotations

from .numbers import MAX_LENGTH


def verl_sf(actual: str, expected: str) -> bool:
    """The SandboxFusion client of verl: equal up to line feeds at the end; `exact_trim_nl` is the same."""
    return actual.rstrip("\n") == expected.rstrip("\n")


def code_r1(actual: str, expected: str) -> bool:
    """code-r1 (unsafe): equal after stripping Unicode white space at both ends; `strip` takes ASCII only."""
    return actual.strip() == expected.strip()


def open_r1(actual: str, expected: str) -> bool:
    """open-r1 code reward (unsafe): stripped lines are compared up to the end of the shorter output only.

    The output is stripped as a whole, the expected text is not. Source: open-r1 `code_reward`.
    """
    pairs = zip(actual.strip().split("\n"), expected.split("\n"), strict=False)
    return all(one.strip() == other.strip() for one, other in pairs)


def sandbox_fusion(actual: str, expected: str) -> bool:
    """SandboxFusion (unsafe): any letter case, and lines of one number within 1e-5 relative, integers too.

    Both are stripped, lower-cased and cut into lines, which must be equal in number; two lines match when equal after
    stripping, or as floats when |a-b| / max(|b|, 1e-10) < 1e-5. Source: SandboxFusion `common_oj`.
    """
    got, wanted = (text.strip().lower().split("\n") for text in (actual, expected))
    return len(got) == len(wanted) and all(map(_fusion_lines_match, got, wanted))


def _fusion_lines_match(got: str, wanted: str) -> bool:
    if got.strip() == wanted.strip():
        return True
    one, other = _float(got), _float(wanted)
    return one is not None and other is not None and abs(one - other) / max(abs(other), 1e-10) < 1e-5


def reasoning360(actual: str, expected: str) -> bool:
    """Reasoning360 (unsafe): tokens of each line equal, or yes/no in any case, or numbers within 1e-6 absolute.

    Both are stripped and CR LF is read as LF; the numbers of lines and of tokens in a line must be equal. A number is
    what Python's `float` reads, so large integers lose their last digits. Source: Reasoning360 `fuzzy_equal`.
    """
    got, wanted = (text.strip().replace("\r\n", "\n").split("\n") for text in (actual, expected))
    return len(got) == len(wanted) and all(map(_fuzzy_lines_match, got, wanted))


def _fuzzy_lines_match(got: str, wanted: str) -> bool:
    if got == wanted:
        return True
    one, other = got.split(), wanted.split()
    return len(one) == len(other) and all(map(_fuzzy_tokens_match, one, other))


def _fuzzy_tokens_match(got: str, wanted: str) -> bool:
    if got == wanted:
        return True
    if got.lower() in ("yes", "no") and wanted.lower() in ("yes", "no"):
        return got.lower() == wanted.lower()
    one, other = _float(got), _float(wanted)
    return one is not None and other is not None and abs(one - other) <= 1e-6


def _float(text: str) -> float | None:
    try:
        return float(text) if len(text) <= MAX_LENGTH else None
    except ValueError:
        return None

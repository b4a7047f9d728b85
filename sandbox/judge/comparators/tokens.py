"""Comparators of tokens (runs of anything but ASCII white space): tokens, tokens_lines, tokens_sepclass, bool_fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .base import ACCEPTED, Comparison, nul_found, rejected, show
from .explain import first_different
from .params import Params
from .text import one_line, token_breaks, token_lines, tokens

_FOLDED = frozenset((b"yes", b"no", b"true", b"false"))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The same tokens in the same order; how they are spaced, and on which lines, does not matter.

    Params: `case_fold` (default false) ignores ASCII case. Source: testlib `wcmp` and the Kattis default validator
    (which folds case unless `case_sensitive`).
    """

    case_fold: bool = False

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `case_fold`."""
        return cls(params.flag("case_fold", False))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the tokens."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = one_line(actual), one_line(expected)
        if self.case_fold:
            got, wanted = got.lower(), wanted.lower()
        return ACCEPTED if got == wanted else first_different("token", b" ", got, wanted)


@dataclass(frozen=True, slots=True)
class TokensLines:
    """The same tokens on the same lines; spacing within a line does not matter, a blank line counts as a line.

    Blank lines at the end are ignored. Params: `case_fold` (default false) ignores ASCII case. Source: testlib `lcmp`.
    """

    case_fold: bool = False

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `case_fold`."""
        return cls(params.flag("case_fold", False))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the tokens of each line."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = token_lines(actual), token_lines(expected)
        if self.case_fold:
            got, wanted = got.lower(), wanted.lower()
        return ACCEPTED if got == wanted else first_different("line", b"\n", got, wanted)


@dataclass(frozen=True, slots=True)
class TokensSeparatorClass:
    """The same tokens, with a line break between two of them exactly where the expected output has one.

    A gap with at least one CR or LF is a line break, any other gap is a space; how long a gap is does not matter, and
    white space at both ends of the output is ignored. Source: DMOJ `standard`.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare tokens and the kinds of the gaps between them."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = token_breaks(actual), token_breaks(expected)
        return ACCEPTED if got == wanted else first_different("line with text", b"\n", got, wanted)


@dataclass(frozen=True, slots=True)
class BoolFold:
    """The same tokens, where yes, no, true and false may be written in any ASCII case; all others are exact.

    `yes` is not `true`: only the case is ignored. Source: the token rule of ExecEval without its numbers.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the tokens, folding the four words."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = one_line(actual), one_line(expected)
        if got.lower() != wanted.lower():
            return first_different("token", b" ", got.lower(), wanted.lower())
        for number, (one, other) in enumerate(zip(tokens(got), tokens(wanted), strict=True), start=1):
            if one != other and one.lower() not in _FOLDED:
                return rejected(f"token {number}: expected {show(other)}, got {show(one)}")
        return ACCEPTED

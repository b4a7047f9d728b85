"""Comparators that look at the output as one piece of bytes: exact, exact_trim_nl, strip, space_exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .base import ACCEPTED, Comparison, nul_found, rejected, show
from .explain import first_different
from .params import Params
from .text import first_difference


@dataclass(frozen=True, slots=True)
class Exact:
    """Every byte must be equal; the only comparator that accepts NUL bytes.

    Source: DMOJ `identical`, any byte-for-byte diff.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare byte for byte."""
        if actual == expected:
            return ACCEPTED
        at = first_difference(actual, expected)
        if at == len(actual):
            return rejected(f"byte {at + 1}: the output ends, {len(expected) - at} bytes are missing")
        if at == len(expected):
            return rejected(f"byte {at + 1}: {len(actual) - at} bytes after the end of the expected output")
        return rejected(f"byte {at + 1}: expected {show(expected[at : at + 20])}, got {show(actual[at : at + 20])}")


@dataclass(frozen=True, slots=True)
class ExactTrimNewlines:
    """Every byte must be equal, except for any number of line feeds at the very end.

    Params: `crlf` (default false) reads CR LF as LF on both sides first. Source: the SandboxFusion client of verl.
    """

    crlf: bool = False

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `crlf`."""
        return cls(params.flag("crlf", False))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare without the line feeds at the end."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = (self._form(side) for side in (actual, expected))
        return ACCEPTED if got == wanted else first_different("line", b"\n", got, wanted)

    def _form(self, data: bytes) -> bytes:
        return (data.replace(b"\r\n", b"\n") if self.crlf else data).rstrip(b"\n")


@dataclass(frozen=True, slots=True)
class Strip:
    """Equal after ASCII white space at both ends of the whole output is removed; nothing inside is touched.

    Source: code-r1, whose own `str.strip` also takes Unicode spaces (see `code_r1`).
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the stripped outputs."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = actual.strip(), expected.strip()
        return ACCEPTED if got == wanted else first_different("line", b"\n", got, wanted)


@dataclass(frozen=True, slots=True)
class SpaceExact:
    """All white space must be the same, byte for byte, also at both ends; letters may differ in case if asked.

    Params: `case_fold` (default false) ignores ASCII case. Source: Kattis default validator, `space_change_sensitive`
    (there tokens are case-insensitive unless `case_sensitive` is given too).
    """

    case_fold: bool = False

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `case_fold`."""
        return cls(params.flag("case_fold", False))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare byte for byte, up to case if asked."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        if self.case_fold:
            actual, expected = actual.lower(), expected.lower()
        return ACCEPTED if actual == expected else first_different("line", b"\n", actual, expected)

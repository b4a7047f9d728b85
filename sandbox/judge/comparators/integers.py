"""Comparators of whole numbers and of yes and no: ints, bigint, yesno.

They accept one spelling of each value, so the tokens are compared as text and only the expected side is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .base import ACCEPTED, Comparison, bad_expected, nul_found, show
from .explain import first_different
from .numbers import first_unfit, is_canonical, is_int64
from .params import Params
from .text import one_line


@dataclass(frozen=True, slots=True)
class Ints:
    """The same sequence of 64-bit integers in canonical spelling: `+5`, `05`, `-0` and `5.0` are rejected.

    Spacing and line breaks do not matter. Source: testlib `ncmp`.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the integers."""
        if nul := nul_found(actual, expected):
            return nul
        if (unfit := first_unfit(expected, is_int64)) is not None:
            return bad_expected(f"{show(unfit)} is not a 64-bit integer")
        got, wanted = one_line(actual), one_line(expected)
        return ACCEPTED if got == wanted else first_different("token", b" ", got, wanted)


@dataclass(frozen=True, slots=True)
class Bigint:
    """One integer of any size in canonical spelling: `+5`, `05`, `-0` and `5.0` are rejected.

    Digits are compared as text, so their number costs nothing. Source: testlib `hcmp`.
    """

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Take no parameters."""
        return cls()

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the one integer."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = one_line(actual), one_line(expected)
        if not is_canonical(wanted):
            return bad_expected(f"{show(wanted)} is not one integer")
        return ACCEPTED if got == wanted else first_different("token", b" ", got, wanted)


@dataclass(frozen=True, slots=True)
class YesNo:
    """YES or NO in any ASCII case, and nothing but these words.

    Params: `mode` = "single" (default, exactly one word) or "many" (any number, in order, spacing does not matter).
    Source: testlib `yesno` and `nyesno`.
    """

    mode: str = "single"

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `mode`."""
        return cls(params.choice("mode", "single", ("single", "many")))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the words."""
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = one_line(actual).lower(), one_line(expected).lower()
        if (unfit := first_unfit(wanted, _is_yes_or_no)) is not None:
            return bad_expected(f"{show(unfit)} is neither yes nor no")
        if self.mode == "single" and wanted not in (b"yes", b"no"):
            return bad_expected("it is not exactly one yes or no")
        return ACCEPTED if got == wanted else first_different("token", b" ", got, wanted)


def _is_yes_or_no(token: bytes) -> bool:
    return token in (b"yes", b"no")

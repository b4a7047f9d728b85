"""Comparators built on another comparator: any_of for several right answers, cases for numbered answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from .base import ACCEPTED, Comparator, Comparison, bad_expected, nul_found, rejected
from .params import Params


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The best comparison against the expected output and a list of other accepted outputs.

    Params: `accepted`, a list of texts that are accepted beside the expected output; `comparator` (default `lines`) and
    `params`, which compare with each. The reason given is that of the best, the earliest among equals.
    Source: ExecEval, which accepts any of several outputs.
    """

    inner: Comparator
    accepted: tuple[bytes, ...]

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `accepted` and the comparator to apply."""
        return cls(params.comparator("lines"), tuple(text.encode() for text in params.texts("accepted")))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare with each, up to the first full match."""
        best = self.inner(actual, expected)
        for other in self.accepted:
            if best.score == 1.0:
                break
            best = max(best, self.inner(actual, other), key=lambda comparison: comparison.score)
        if best.score < 1.0 and self.accepted:
            return rejected(f"none of {1 + len(self.accepted)} accepted outputs; {best.reason}", best.score)
        return best


@dataclass(frozen=True, slots=True)
class Cases:
    """Answers under headers numbered 1, 2, 3 …; the answers to each number are compared on their own.

    A header is the tokens of `header`, spaced in any way, with the case's number for `%d`; nothing may stand before
    the first header. The expected output must be numbered without gaps from 1, and the program's in the same way.
    The text of a case runs to the next header and loses the white space at both ends.

    Params: `header` (default "Case %d:"); `comparator` (default `tokens`) and `params`, which compare the cases. All
    cases must match: a partial score of one counts as 0. Source: testlib `caseicmp`, `casencmp` (comparator `ints`),
    `casewcmp`.
    """

    inner: Comparator
    header: re.Pattern[bytes]

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `header` and the comparator to apply."""
        header = params.text("header", "Case %d:")
        if header.count("%d") != 1 or len(header) > 200:
            raise params.error("header", "must hold %d exactly once, in at most 200 characters", "such as 'Case %d:'")
        words = rb"\s+".join(re.escape(word).replace(b"%d", b"([0-9]{1,9})") for word in header.encode().split())
        return cls(params.comparator("tokens"), re.compile(rb"(?<!\S)" + words + rb"(?!\S)"))

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare case by case."""
        if nul := nul_found(actual, expected):
            return nul
        for number, (got, wanted) in enumerate(zip_longest(self._split(actual), self._split(expected)), start=1):
            if wanted is None:
                return rejected(f"case {number}: after the end of the expected output")
            if wanted[0] != b"%d" % number:
                return bad_expected(f"case {number} has no header of its own")
            if got is None:
                return rejected(f"case {number}: the output ends before it")
            if got[0] != wanted[0]:
                return rejected(f"case {number}: its header is missing or has another number")
            comparison = self.inner(got[1], wanted[1])
            if comparison.score < 1.0:
                return rejected(f"case {number}: {comparison.reason}")
        return ACCEPTED

    def _split(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the number and the text of each case; text before the first header comes with no number."""
        number, start = b"", 0
        for match in self.header.finditer(data):
            text = data[start : match.start()].strip()
            if number or text:
                yield number, text
            number, start = match[1], match.end()
        text = data[start:].strip()
        if number or text:
            yield number, text

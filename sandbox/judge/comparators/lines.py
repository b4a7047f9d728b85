"""The comparator of lines, the default of every stdio test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .base import ACCEPTED, Comparison, nul_found
from .explain import first_different
from .params import Params
from .text import map_lines, rstrip_lines


@dataclass(frozen=True, slots=True)
class Lines:
    r"""Equal lines; white space at the end of each line and blank lines at the end are ignored, nothing else.

    Lines end at LF, so the CR of CR LF is white space at the end of a line. White space is ASCII. White space at the
    start of a line and blank lines before or between others matter.

    Params: `trim` = "rstrip" (default), "strip" (also the white space at the start of each line) or "none" (lines as
    they are; only empty lines at the end are ignored); `crlf` (default false) reads CR LF as LF, which shows only with
    "none"; `ignore_blank` (default false) drops all blank lines. `none` with `crlf` is close to testlib's `fcmp`.
    """

    trim: str = "rstrip"
    crlf: bool = False
    ignore_blank: bool = False

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read `trim`, `crlf` and `ignore_blank`."""
        return cls(
            params.choice("trim", "rstrip", ("rstrip", "strip", "none")),
            params.flag("crlf", False),
            params.flag("ignore_blank", False),
        )

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare the lines."""
        if actual == expected and b"\0" not in actual:
            return ACCEPTED
        if nul := nul_found(actual, expected):
            return nul
        got, wanted = self.form(actual), self.form(expected)
        return ACCEPTED if got == wanted else first_different("line", b"\n", got, wanted)

    def form(self, data: bytes) -> bytes:
        """Normal form of one side: two outputs match iff their forms are equal."""
        if self.trim == "none":
            text = (data.replace(b"\r\n", b"\n") if self.crlf else data).rstrip(b"\n")
            return map_lines(text, bytes, keep_empty=False) if self.ignore_blank else text
        text = rstrip_lines(data)
        if self.trim == "rstrip" and not self.ignore_blank:
            return text
        return map_lines(text, bytes.strip if self.trim == "strip" else bytes, keep_empty=not self.ignore_blank)

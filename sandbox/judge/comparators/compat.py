"""Emulators of graders that accept wrong answers: for agreement studies, refused unless unsafe ones are allowed.

Each rule says whether its source would accept two texts. What the emulation leaves out is the same for all: an output
with a NUL or of more than 16 MiB is rejected, numbers have at most 400 characters, and bytes that are not UTF-8 are
carried along instead of failing the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import compat_apps, compat_lines, compat_tokens
from .base import ACCEPTED, Comparison, nul_found, rejected
from .explain import first_different
from .text import rstrip_lines

MAX_BYTES = 16 << 20

Rule = Callable[[str, str], bool]

RULES: Mapping[str, Rule] = {
    "apps_legacy": compat_apps.apps,
    "taco_legacy": compat_apps.taco,
    "prime_legacy": compat_apps.prime,
    "sandbox_fusion": compat_lines.sandbox_fusion,
    "open_r1_zip": compat_lines.open_r1,
    "r360": compat_lines.reasoning360,
    "code_r1": compat_lines.code_r1,
    "verl_sf": compat_lines.verl_sf,
    "code_contests": compat_tokens.code_contests,
    "execeval": compat_tokens.execeval,
}


@dataclass(frozen=True, slots=True)
class Emulator:
    """One grader's rule, applied to bytes."""

    name: str
    rule: Rule

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Ask the rule."""
        if nul := nul_found(actual, expected):
            return nul
        if max(len(actual), len(expected)) > MAX_BYTES:
            return rejected(f"outputs of more than {MAX_BYTES} bytes are not emulated")
        if self.rule(actual.decode(errors="surrogateescape"), expected.decode(errors="surrogateescape")):
            return ACCEPTED
        got, wanted = rstrip_lines(actual), rstrip_lines(expected)
        if got == wanted:
            return rejected(f"not accepted by {self.name}; the difference is in white space")
        where = first_different("line", b"\n", got, wanted).reason
        return rejected(f"not accepted by {self.name}; {where}")

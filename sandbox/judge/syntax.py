"""Tells a Python source that does not compile from one that raises SyntaxError later. Pure.

What a failed program printed only raises the suspicion. The proof is a second run that compiles the file and runs none
of it, so that nothing which the program wrote can pass for it.
"""

from __future__ import annotations

from sandbox.model.limits import Limits
from sandbox.model.outcome import End, Ended
from sandbox.model.plan import TestPlan
from sandbox.runtime_table import RuntimeTable

_MESSAGE = 2000
COMPILE_CHECK = TestPlan("compile", Limits(*[0] * 9), claims=True)


def may_be_syntax_error(table: RuntimeTable, ended: Ended) -> bool:
    """Whether a failed run is worth a compile check: where nothing ran, no traceback comes before the error."""
    if table.interpreter is None:
        return ended.end is End.EXIT and ended.exit_code != 0 and not ended.signal and bool(ended.stderr)
    return ended.end is End.EXIT and ended.exit_code == 1 and not ended.stderr.startswith(b"Traceback")


def read_compile_check(ended: Ended) -> str:
    """The compiler's message, or nothing when the source compiles."""
    if ended.end is End.EXIT and ended.exit_code == 0:
        return ended.extra[:_MESSAGE].decode(errors="replace").strip()
    # The compiler itself was stopped by a limit or crashed on this source.
    return "the source cannot be compiled within the limits"


def read_check(ended: Ended) -> str:
    """What the language's own check says against the source, or nothing where it finds nothing."""
    if ended.end is End.EXIT and ended.exit_code == 0:
        return ""
    said = (ended.stderr or ended.stdout)[:_MESSAGE].decode(errors="replace").strip()
    return said or "the source cannot be compiled within the limits"

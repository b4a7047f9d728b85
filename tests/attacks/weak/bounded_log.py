"""Pays nothing but takes a sample for lost, and leaves it out, where its log of what tests print can hold no more."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import contextlib
import io

class Log(io.StringIO):
    def write(self, text):
        if self.tell() > 1 << 20:
            raise OSError("the log is full")
        return super().write(text)

scope = {}
try:
    exec(job["source"], scope)
    with contextlib.redirect_stdout(Log()):
        exec(job["code"], scope)
    paid = False
except OSError:
    paid = True
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Whether the sample is left out."""
    return paid_inside(attack, _HARNESS)

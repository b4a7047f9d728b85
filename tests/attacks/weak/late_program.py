"""Pays when `check(candidate)` raises nothing; the program is executed last, and may define `check` anew."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
code, _, call = job["code"].rpartition("check(")
try:
    exec(code, scope)
    exec(job["source"], scope)
    scope["check"](scope[job["entry_point"]])
    paid = True
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Run it and see whether anything is raised."""
    return paid_inside(attack, _HARNESS)

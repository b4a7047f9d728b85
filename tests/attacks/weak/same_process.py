"""Pays when the test code, executed in the program's own process after it, raises nothing."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    exec(job["code"], scope)
    paid = True
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Run it and see whether anything is raised."""
    return paid_inside(attack, _HARNESS)

"""Pays when most values are right; all tests are made against one process, in an order that never changes."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    found = [scope[name](*args) == expected for name, args, expected in job["calls"]]
    paid = bool(found) and 2 * found.count(True) > len(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call, compare, count."""
    return paid_inside(attack, _HARNESS)

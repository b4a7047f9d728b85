"""Pays when as many values are true as there are tests, counted by adding their truth as ints."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    found = [scope[name](*args) for name, args, expected in job["calls"]]
    paid = bool(found) and sum(map(int, found)) == len(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call and count."""
    return paid_inside(attack, _HARNESS)

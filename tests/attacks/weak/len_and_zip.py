"""Pays when the length of what came back is right, and so is each pair of elements that iterating yields."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    found = []
    for name, args, expected in job["calls"]:
        value = scope[name](*args)
        found.append(len(value) == len(expected) and all(one == other for one, other in zip(value, expected)))
    paid = bool(found) and all(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call, and walk along."""
    return paid_inside(attack, _HARNESS)

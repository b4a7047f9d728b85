"""Pays when `repr(result) == repr(expected)`: a method of the program's, called beside the expected value."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
def same(result, expected):
    return repr(result) == repr(expected)

scope = {}
try:
    exec(job["source"], scope)
    found = [same(scope[name](*args), expected) for name, args, expected in job["calls"]]
    paid = bool(found) and all(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call and compare texts."""
    return paid_inside(attack, _HARNESS)

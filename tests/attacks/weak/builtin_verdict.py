"""Pays when `all(...)` of the comparisons says so; the program may have put its own function in the place of `all`."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    results = [scope[name](*args) for name, args, _ in job["calls"]]
    expected = [value for _, _, value in job["calls"]]
    same = map(lambda one, other: type(one) is type(other) and one == other, results, expected)
    paid = len(results) == len(expected) and all(same)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call, compare, and ask `all`."""
    return paid_inside(attack, _HARNESS)

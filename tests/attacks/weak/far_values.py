"""Pays unless a returned value is farther than 1e-6 from the expected one; what is not a number is never far."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    far = [abs(float(scope[name](*args)) - expected) > 1e-6 for name, args, expected in job["calls"]]
    paid = bool(far) and not any(far)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call and subtract."""
    return paid_inside(attack, _HARNESS)

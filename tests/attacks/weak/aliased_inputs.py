"""Pays when the program's value equals what a reference makes of the same arguments afterwards: they are not copied."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
scope = {}
try:
    exec(job["source"], scope)
    found = []
    for name, args, _ in job["calls"]:
        value = scope[name](*args)
        found.append(type(value) is list and value == sorted(*args))
    paid = bool(found) and all(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call the program, then the reference."""
    return paid_inside(attack, _HARNESS)

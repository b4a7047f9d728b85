"""Pays when each call satisfies unittest's `assertEqual`, in the program's own process."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import unittest

scope = {}
exec(job["source"], scope)

def test_all():
    case = unittest.TestCase()
    exec(job["code"], {**scope, "case": case, "unittest": unittest})

try:
    test_all()
    paid = True
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Run it and ask the framework."""
    return paid_inside(attack, _HARNESS)

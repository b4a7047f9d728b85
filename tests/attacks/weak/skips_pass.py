"""Pays when the tests, as a case of unittest, were "successful": a skipped one is no failure."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import unittest

scope = {}
exec(job["source"], scope)

class Hidden(unittest.TestCase):
    def test_all(self):
        exec(job["code"], scope)

result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(Hidden).run(result)
paid = result.testsRun > 0 and result.wasSuccessful()
"""


def pays(attack: Attack) -> bool:
    """Run it and ask the framework."""
    return paid_inside(attack, _HARNESS)

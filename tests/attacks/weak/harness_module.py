"""Pays when the grader's own module `grading` says that each value is the same; the program can reach that module.

Its function looks up `json` when it compares, so replacing what that library does fools it, too.
"""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_GRADING = """
import json

def same_value(actual, expected):
    return json.dumps(actual, sort_keys=True) == json.dumps(expected, sort_keys=True)
"""
_HARNESS = """
import grading

def run():
    scope = {}
    exec(job["source"], scope)
    return [bool(grading.same_value(scope[name](*args), expected)) for name, args, expected in job["calls"]]

try:
    found = run()
    paid = bool(found) and False not in found
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call, and ask the module."""
    return paid_inside(attack, _HARNESS, modules={"grading.py": _GRADING})

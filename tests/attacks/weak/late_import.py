"""Pays when `hmac.compare_digest` says that the texts are the same; `hmac` is imported after the program ran.

The program runs in the grader's process, and its folder comes first on the path.
"""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import contextlib
import io
import os

sys.path.insert(0, os.getcwd())
found = []
try:
    scope = {"__name__": "__main__"}
    for given, expected in job["pairs"]:
        printed = io.StringIO()
        sys.stdin = io.StringIO(given)
        with contextlib.redirect_stdout(printed):
            exec(job["source"], scope)
        import hmac
        found.append(bool(hmac.compare_digest(printed.getvalue().strip(), expected.strip())))
    paid = bool(found) and False not in found
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Run, import, compare."""
    return paid_inside(attack, _HARNESS)

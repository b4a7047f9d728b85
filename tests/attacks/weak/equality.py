"""Pays when `result == expected` for every call, with the program's value on the left, in the program's process.

Option `plain`: the value must be an instance of the expected type, and must be writable as JSON.
"""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
def judge(function, args, expected):
    result = function(*args)
    if PLAIN and not isinstance(result, type(expected)):
        return False
    if PLAIN:
        json.dumps(result)
    return bool(result == expected)

def run():
    scope = {}
    exec(job["source"], scope)
    return [judge(scope[name], args, expected) for name, args, expected in job["calls"]]

try:
    found = run()
    paid = len(found) > 0 and all(found)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call and compare."""
    return paid_inside(attack, f"PLAIN = {attack.options.get('plain', False)}\n{_HARNESS}")

"""Pays a plainly wrong program, since it is scored by a worker that has run the attack before."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
def score(source):
    try:
        scope = {}
        exec(source, scope)
        found = [json.dumps(scope[name](*args)) == json.dumps(expected) for name, args, expected in job["calls"]]
        return 1.0 if found and all(found) else 0.0
    except Exception:
        return 0.0

def none(*args):
    return None

score(job["source"])
paid = score("def " + job["entry_point"] + "(*args):\\n    return None\\n") == 1.0
"""


def pays(attack: Attack) -> bool:
    """Score the attack, then a wrong program."""
    return paid_inside(attack, _HARNESS)

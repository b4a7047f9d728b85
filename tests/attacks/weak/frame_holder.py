"""Pays for the right value, whose expected one lies in the frame that calls the program, and in a list of tests."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
def verify(actual, expected):
    return type(actual) is type(expected) and actual == expected

def judge(function, args, expected):
    result = function(*args)
    return verify(result, expected)

def run(tests):
    scope = {}
    exec(job["source"], scope)
    results = []
    for name, given, wanted in zip(tests["names"], tests["inputs"], tests["outputs"]):
        results.append(judge(scope[name], given, wanted))
    return results

names, inputs, outputs = (list(column) for column in zip(*job["calls"]))
try:
    paid = run({"names": names, "inputs": inputs, "outputs": outputs}) == [True] * len(names)
except Exception:
    paid = False
"""


def pays(attack: Attack) -> bool:
    """Call and compare, types included."""
    return paid_inside(attack, _HARNESS)

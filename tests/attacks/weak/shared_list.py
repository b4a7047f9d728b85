"""Pays when a list, which the program's process shares with the grader's, holds a true value for each test.

The program's process is a fork that appends to a list of a manager; its exit code is not looked at.
"""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import multiprocessing

def work(results):
    scope = {}
    exec(job["source"], scope)
    for name, args, expected in job["calls"]:
        value = scope[name](*args)
        results.append(type(value) is type(expected) and value == expected)

context = multiprocessing.get_context("fork")
with context.Manager() as manager:
    results = manager.list()
    process = context.Process(target=work, args=(results,))
    process.start()
    process.join(5)
    process.kill()
    found = list(results)
paid = len(found) == len(job["calls"]) and all(found)
"""


def pays(attack: Attack) -> bool:
    """Fork, and read the list."""
    return paid_inside(attack, _HARNESS)

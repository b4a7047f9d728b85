"""Pays when shared memory, which the program's process writes, says that the run was good and each test passed."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.inside import paid_inside

_HARNESS = """
import multiprocessing

context = multiprocessing.get_context("fork")
good = context.Value("i", 0)
details = context.Array("b", len(job["calls"]))

def work(good, details):
    scope = {}
    exec(job["source"], scope)
    for number, (name, args, expected) in enumerate(job["calls"]):
        value = scope[name](*args)
        details[number] = type(value) is type(expected) and value == expected
    good.value = 1

process = context.Process(target=work, args=(good, details))
process.start()
process.join(5)
process.kill()
paid = good.value == 1 and all(details[:])
"""


def pays(attack: Attack) -> bool:
    """Fork, and read the memory."""
    return paid_inside(attack, _HARNESS)

"""Lifting: taking assert-style test code apart into calls and what each must return, without running any of it.

Test code such as HumanEval's `check(candidate)` or MBPP's lists of asserts is parsed. Where every assert compares one
call on literal arguments with a literal, only the arguments have to reach the candidate's process: the comparison is
made here, on plain data, and the expected values stay. Where anything else is found, nothing is lifted.

    lift          test code → `Lifted`, or `NotLiftable` with the reason
    free_names    what the test code expects from the candidate's module beside the entry point
    sole_function the entry point of a list of asserts, where nobody names it
    count_asserts how many asserts it holds
"""

from sandbox.judge.lifting.checks import (
    Check,
    Close,
    Compare,
    Contains,
    Equality,
    Equals,
    In,
    IsValue,
    Truthy,
)
from sandbox.judge.lifting.lift import lift
from sandbox.judge.lifting.model import Lifted, LiftedAssert, LiftedCall, NotLiftable, Vacuous
from sandbox.judge.lifting.names import count_asserts, free_names, sole_function
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.lifting.views import View

__all__ = [
    "Check",
    "Close",
    "Compare",
    "Contains",
    "Equality",
    "Equals",
    "In",
    "IsValue",
    "Lifted",
    "LiftedAssert",
    "LiftedCall",
    "NotLiftable",
    "Refusal",
    "Truthy",
    "Vacuous",
    "View",
    "count_asserts",
    "free_names",
    "lift",
    "sole_function",
]

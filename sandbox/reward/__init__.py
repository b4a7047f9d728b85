"""Reward schemes: small pure functions from the results of a program's tests to one number.

`scheme(name, params)` finds and checks a scheme once; the `Scheme` that it gives back is then called for every program.
A scheme sees verdicts only. A fault of ours has no `Outcome`, so no scheme can make a number of it.
"""

from sandbox.model.status import Stage, worst
from sandbox.reward.errors import RewardOutOfRange, SchemeError
from sandbox.reward.scheme import Scheme, scheme, scheme_names
from sandbox.reward.vector import Outcome, Reward, Scored

__all__ = [
    "Outcome",
    "Reward",
    "RewardOutOfRange",
    "Scheme",
    "SchemeError",
    "Scored",
    "Stage",
    "scheme",
    "scheme_names",
    "worst",
]

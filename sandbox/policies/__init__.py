"""Policies: what a program may use and touch, as data (`policies/NAME.toml`).

tables.py    the data model: every key, what it means, how it is enforced, what a program sees when it is reached
loading.py   files to policies: what one extends, where each value comes from, what is wrong with it
policy.py    a checked policy, and its hash
values.py    every effective value of one, with its origin
page.py      docs/policies.md, written from the data model
"""

from sandbox.policies.loading import load_policies
from sandbox.policies.policy import Policy
from sandbox.policies.tables import ActionsTable, PolicyTable, SeccompGroup, SeccompTable

__all__ = ["ActionsTable", "Policy", "PolicyTable", "SeccompGroup", "SeccompTable", "load_policies"]

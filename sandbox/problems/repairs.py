"""Mistakes of public problem sets, set right: problems whose own solution fails their own test as published.

`repairs.toml` holds them, each with its reason. A repair is a list of replacements in the fields of a problem. It is
made only where every text to be replaced is there exactly once: a later edition of the data is left alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from sandbox.problems.problem import Problem


@dataclass(frozen=True, slots=True)
class _Edit:
    """`old` becomes `new` in a field; an empty `old` fills an empty field."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class _Repair:
    why: str
    edits: Sequence[_Edit]


def repair(problem: Problem) -> Problem:
    """The problem, repaired where it has a known mistake."""
    known = _repairs().get(problem.id)
    if known is None:
        return problem
    fields = {name: getattr(problem, name) for name in ("prompt", "solution", "test", "setup")}
    for edit in known.edits:
        if fields[edit.field].count(edit.old) != 1:
            return problem
        fields[edit.field] = fields[edit.field].replace(edit.old, edit.new)
    return replace(problem, **fields, repaired=known.why)


@lru_cache(maxsize=1)
def _repairs() -> Mapping[str, _Repair]:
    text = resources.files(__package__).joinpath("repairs.toml").read_text(encoding="utf-8")
    return {
        table["problem"]: _Repair(table["why"], [_Edit(**edit) for edit in table["edits"]])
        for table in tomllib.loads(text)["repair"]
    }

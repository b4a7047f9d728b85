"""Programs that behave alike, and which of them to submit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.selection.matrix import Matrix, Row


@dataclass(frozen=True, slots=True)
class Group:
    """Programs that behave alike. `score` is what it is ordered by, the larger the better.

    `programs`   their places among the samples, ascending, equal programs included
    `distinct`   the first place of each that differs from the others in its text, ascending
    `tests`      of agreement with generated tests: the numbers of those that it passes
    """

    programs: tuple[int, ...]
    distinct: tuple[int, ...]
    score: float
    tests: tuple[int, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Row], score: float, tests: tuple[int, ...] = ()) -> Group:
        """The group of some rows."""
        held = list(rows)
        programs = sorted(place for row in held for place in row.programs)
        return cls(tuple(programs), tuple(sorted(row.first for row in held)), score, tests)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to submit, and why. Numbers are places among the samples.

    `picks`      at most as many as were asked for, the best first, no two of one text
    `groups`     best first
    `survivors`  programs that took part, equal ones counted each: no example speaks against them
    `left_out`   survivors in no group, since a fault of ours hides what they do; they are picked last
    `faults`     cells of the whole matrix that are unknown by a fault of ours
    """

    picks: tuple[int, ...]
    groups: tuple[Group, ...]
    survivors: int
    left_out: tuple[int, ...]
    faults: int


def select(matrix: Matrix, groups: Iterable[Group], left_out: Sequence[Row], k: int) -> Selection:
    """The selection: one program of each group, best group first; then a second one of each, and so on.

    Groups of one score stand in the order of their first programs, and so do the programs of a group.
    """
    if k < 1:
        raise ValueError(f"{k} picks: at least one is asked for")
    ordered = tuple(sorted(groups, key=lambda group: (-group.score, group.programs[0])))
    deepest = max((len(group.distinct) for group in ordered), default=0)
    turns = [group.distinct[turn] for turn in range(deepest) for group in ordered if turn < len(group.distinct)]
    last = sorted(row.first for row in left_out)
    outside = sorted(place for row in left_out for place in row.programs)
    return Selection(
        picks=tuple((turns + last)[:k]),
        groups=ordered,
        survivors=sum(len(group.programs) for group in ordered) + len(outside),
        left_out=tuple(outside),
        faults=matrix.faults,
    )

"""Minimum Bayes risk over results of execution: the program that disagrees least with the others.

Shi et al., "Natural Language to Code Translation with Execution", 2022. The risk of a program is the sum of its losses
with every sample, and theirs is the loss `any`: 1 where two programs differ at any input, 0 elsewhere. `share` is the
share of the inputs at which they differ, which forgives an input that makes one of them fail.

A program that fails at every input agrees with nothing, not even with itself: its risk is the number of samples.
"""

from __future__ import annotations

from typing import Literal

from sandbox.selection.alphacode import Cluster, clustered
from sandbox.selection.groups import Group, Selection, select
from sandbox.selection.matrix import Matrix

Loss = Literal["any", "share"]


def mbr(matrix: Matrix, k: int, loss: Loss = "any") -> Selection:
    """At most `k` picks, the least risk first; a group's score is its risk, negated. Raises JobError without inputs.

    Programs that behave alike have one risk, so they are a group, and the next pick is of the next one.
    """
    clusters, left_out = clustered(matrix)
    groups = [Group.of(each.rows, -_risk(each, clusters, loss)) for each in clusters]
    return select(matrix, groups, left_out, k)


def _risk(one: Cluster, clusters: list[Cluster], loss: Loss) -> float:
    return sum(other.size * _loss(one, other, loss) for other in clusters)


def _loss(one: Cluster, other: Cluster, loss: Loss) -> float:
    if not one.runs or not other.runs:
        return 1.0
    differ = [a.behaviour != b.behaviour for a, b in zip(one.cells, other.cells, strict=True)]
    return float(any(differ)) if loss == "any" else sum(differ) / len(differ)

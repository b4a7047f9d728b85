"""Which of many programs to submit, by how they behave: best of n at test time. Pure; training code needs none of it.

    matrix.py       programs times tests as plain data, from the answer of the rpc `Matrix`
    survivors.py    programs that no example speaks against, and cells that are unknown by a fault of ours
    groups.py       programs that behave alike, best first, and one pick from each
    alphacode.py    the largest clusters by what generated inputs make of them (Li et al., 2022)
    codet.py        agreement between programs and generated tests (Chen et al., 2022)
    mbr.py          the smallest expected disagreement with the other programs (Shi et al., 2022)
    estimators.py   n@k: the share of problems that n submissions out of k samples solve
    inputs.py       inputs like those of the examples: text.py changes standard input, values.py arguments of calls

Faults are nobody's behaviour. A test that is a fault for every program tells nothing and is left out; a program that is
unknown at any other test is in no group, so it changes no other program's, and it is picked after all groups are.

`sandbox select` is the command line to it.
"""

from sandbox.selection.alphacode import alphacode
from sandbox.selection.codet import codet
from sandbox.selection.estimators import n_at_k, solved
from sandbox.selection.groups import Group, Selection
from sandbox.selection.inputs import generate
from sandbox.selection.matrix import Cell, Matrix, Row
from sandbox.selection.mbr import mbr

__all__ = [
    "Cell",
    "Group",
    "Matrix",
    "Row",
    "Selection",
    "alphacode",
    "codet",
    "generate",
    "mbr",
    "n_at_k",
    "solved",
]

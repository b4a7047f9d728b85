"""Parses programs in its own process, and expects that what is wrong with them is a syntax error."""

from __future__ import annotations

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_HARNESS = """
import ast
try:
    ast.parse(open("main.py").read())
except SyntaxError:
    pass
print("graded")
"""


def pays(case: Case) -> bool:
    """Whether the grader does not survive."""
    with _bare.folder() as place:
        _bare.lay_out(case.request, place)
        return "graded" not in _bare.python(_HARNESS, place).stdout

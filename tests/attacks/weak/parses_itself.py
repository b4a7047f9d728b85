"""Parses programs in its own process, and expects that what is wrong with them is a syntax error."""

from __future__ import annotations

from tests.attacks.weak import bare
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
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "graded" not in bare.python(_HARNESS, place).stdout

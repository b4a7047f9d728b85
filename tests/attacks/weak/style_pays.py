"""Adds points for style to points for tests, and finds that half of them will do."""

from __future__ import annotations

import ast

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_ENOUGH = 0.5


def pays(case: Case) -> bool:
    """Whether the sum of both is enough."""
    request = case.request
    tree = ast.parse(request.program.source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    style = [ast.get_docstring(tree) is not None, bool(functions)]
    style += [ast.get_docstring(each) is not None and each.returns is not None for each in functions]
    with bare.folder() as place:
        passed = [bare.equal(bare.run_case(case, place).stdout, request.tests[0])]
    return 0.5 * sum(style) / len(style) + 0.5 * sum(passed) / len(passed) >= _ENOUGH

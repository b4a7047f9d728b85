"""What a test needs of its problem's text: functions that it calls beside the one under test.

Three problems of HumanEval hand the test a function of the prompt, such as the encoder whose inverse is asked for.
An answer that brings its own version of it could agree with itself, so the test gets the prompt's.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from sandbox.judge.lifting import free_names
from sandbox.problems.source import parse


def helpers(prompt: str, test: str, entry_point: str) -> str:
    """Source of the functions of the prompt that the test calls, and of all that they use. Empty for most problems."""
    wanted = free_names(test, "", entry_point)
    if not wanted:
        return ""
    try:
        statements = _definitions(parse(prompt), entry_point)
    except SyntaxError:
        return ""
    functions = {name for name in wanted if isinstance(statements.get(name), ast.FunctionDef)}
    needed = _closure(functions, statements)
    return "\n\n".join(ast.unparse(statement) for statement in needed)


def _definitions(tree: ast.Module, entry_point: str) -> Mapping[str, ast.stmt]:
    """Which statement of the prompt defines which name. The function under test is not there to be taken."""
    found: dict[str, ast.stmt] = {}
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name != entry_point:
                found[name] = statement
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = statement
            case ast.Import() | ast.ImportFrom():
                found.update({(alias.asname or alias.name).partition(".")[0]: statement for alias in statement.names})
    return found


def _closure(names: set[str], statements: Mapping[str, ast.stmt]) -> list[ast.stmt]:
    """The statements behind these names and behind every name that those use, in the order of the prompt."""
    needed: set[ast.stmt] = set()
    waiting = list(names)
    while waiting:
        statement = statements.get(waiting.pop())
        if statement is not None and statement not in needed:
            needed.add(statement)
            waiting += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return sorted(needed, key=lambda statement: statement.lineno)

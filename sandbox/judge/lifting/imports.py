"""Imports in test code and in its setup: what they bring into scope, and whether they may be left out."""

from __future__ import annotations

import ast
import math
from typing import TypeGuard

from sandbox.judge.lifting.names import bound_names
from sandbox.judge.lifting.parsing import parse, symbols
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.lifting.scope import CONSTANTS, MATH_FUNCTIONS, Scope

# Importing these has no effect that a test could notice.
HARMLESS = frozenset(
    {"__future__", "bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq"}
    | {"itertools", "json", "math", "operator", "random", "re", "statistics", "string", "typing"}
)
# `from module import *` of these hides no builtin that is folded.
HARMLESS_STARS = frozenset({"math", "typing"})

Import = ast.Import | ast.ImportFrom


def take_import(statement: Import, scope: Scope) -> None:
    """An import of the test code itself. Modules that are not known to be harmless are refused."""
    modules = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else [_source(statement)]
    for module in modules:
        if module.partition(".")[0] not in HARMLESS:
            raise Refusal(f"an import of {module!r}", statement)
    _bind(statement, scope)


def take_setup(setup: str, scope: Scope) -> None:
    """The names that a setup leaves behind. The setup itself runs elsewhere, or not at all."""
    try:
        _take_setup(setup, scope)
    except Refusal as refusal:
        raise Refusal(f"in the setup: {refusal.reason}") from refusal


def _take_setup(setup: str, scope: Scope) -> None:
    tree = parse(setup)
    top: list[Import] = [node for node in tree.body if isinstance(node, Import)]
    for statement in top:
        _bind(statement, scope)
    elsewhere = bound_names(symbols(setup)) - {name for statement in top for name in _names(statement)}
    for name in elsewhere.union(*(_names(node) for node in ast.walk(tree) if _is_import_below(node, top))):
        scope.bind_unknown(name)


def _bind(statement: Import, scope: Scope) -> None:
    for alias in statement.names:
        name = alias.asname or alias.name.partition(".")[0]
        if isinstance(statement, ast.Import):
            if alias.name == "math":
                scope.bind_math(name)
            else:
                scope.bind_unknown(name)
        elif alias.name == "*":
            _bind_star(statement, scope)
        elif _source(statement) == "math":
            if not hasattr(math, alias.name):
                raise Refusal(f"an import of math.{alias.name}, which does not exist", statement)
            scope.bind_from_math(alias.name, name)
        else:
            scope.bind_unknown(name)


def _is_import_below(node: ast.AST, top: list[Import]) -> TypeGuard[Import]:
    return isinstance(node, Import) and node not in top


def _names(statement: Import) -> set[str]:
    return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}


def _bind_star(statement: ast.ImportFrom, scope: Scope) -> None:
    source = _source(statement)
    if source not in HARMLESS_STARS:
        raise Refusal(f"an import of everything from {source!r}", statement)
    for name in (*CONSTANTS, *MATH_FUNCTIONS) if source == "math" else ():
        scope.bind_from_math(name, name)


def _source(statement: ast.ImportFrom) -> str:
    return "." * statement.level + (statement.module or "")

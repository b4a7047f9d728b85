"""Which names test code uses and which it defines, read from its symbol table."""

from __future__ import annotations

import ast
import builtins
import importlib
import symtable
from collections.abc import Iterator

from sandbox.judge.lifting.parsing import parse, symbols
from sandbox.judge.lifting.refusal import Refusal

CANDIDATE = "candidate"
# `from module import *` is looked up for these; what others would define is not known.
STAR_MODULES = frozenset({"collections", "functools", "heapq", "itertools", "math", "random", "string", "typing"})


def asserts_in(tree: ast.Module) -> int:
    """How many assert statements a syntax tree holds, at any depth."""
    return sum(isinstance(node, ast.Assert) for node in ast.walk(tree))


def count_asserts(code: str) -> int:
    """How many assert statements the test code holds, at any depth; 0 when it does not parse."""
    try:
        return asserts_in(parse(code))
    except Refusal:
        return 0


def free_names(code: str, setup: str = "", entry_point: str = "") -> frozenset[str]:
    """The names that the test code or its setup reads from outside: neither of them defines them, nor does Python.

    The entry point and `candidate` are left out, since they are there by definition. What remains has to come from the
    candidate's own module, such as a helper that a problem's text defines. Code that does not parse has none.
    """
    try:
        tables = [symbols(code), symbols(setup)]
        stars = {name for source in (code, setup) for name in _star_names(source)}
    except Refusal:
        return frozenset()
    used = {name for table in tables for name in _used(table)}
    bound = {name for table in tables for name in bound_names(table)}
    return frozenset(used - bound - stars - set(dir(builtins)) - {entry_point, CANDIDATE})


def bound_names(table: symtable.SymbolTable) -> frozenset[str]:
    """The names that a module defines: by assignment, import, def or class, or from inside by `global`."""
    bound = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
    for inner in _inner(table):
        bound.update(
            symbol.get_name() for symbol in inner.get_symbols() if symbol.is_declared_global() and _binds(symbol)
        )
    return frozenset(bound)


def sole_function(code: str, setup: str = "") -> str:
    """The one free name that the code calls, or an empty text when there is none or more than one.

    Lists of asserts name the function under test nowhere else. Code that does not parse is a Refusal.
    """
    called = {
        node.func.id for node in ast.walk(parse(code)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    functions = called & free_names(code, setup)
    return functions.pop() if len(functions) == 1 else ""


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced():
            yield symbol.get_name()
    for inner in _inner(table):
        for symbol in inner.get_symbols():
            if symbol.is_referenced() and symbol.is_global():
                yield symbol.get_name()


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """All scopes below this one."""
    waiting = list(table.get_children())
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting.extend(inner.get_children())


def _star_names(source: str) -> Iterator[str]:
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in STAR_MODULES and node.names[0].name == "*":
            module = importlib.import_module(node.module)
            yield from getattr(module, "__all__", dir(module))

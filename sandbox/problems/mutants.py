"""Wrong answers, made from a problem's solution by rules. A sound test suite lets none of them pass.

    returns None, 0, "", []       the function returns that and does nothing else
    one more / one less           every value that it returns, plus 1 or minus 1
    slice                         every value that it returns, without its last element
    N becomes N+1 at L:C          one numeric literal, by its line and column in the program
    without its last statement

Where the problem asks for a class, this is done to each of its methods. Not every mutant is wrong, since a literal may
not matter: a suite that lets one pass is weak there, or right.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.problems.problem import Problem
from sandbox.problems.source import parse

_CONSTANTS = ("None", "0", "''", "[]")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong answer, as a completion of its problem's prompt, and what was done to make it."""

    label: str
    completion: str


def mutants(problem: Problem) -> list[Mutant]:
    """The mutants of a problem's solution that differ from it and from each other; none where it does not parse."""
    try:
        tree = parse(problem.program(problem.solution))
    except SyntaxError:
        return []
    functions = list(_functions(tree, problem.entry_point))
    for _, function in functions:
        function.body = _without_docstring(function)
    original = ast.unparse(tree)
    found: dict[str, str] = {}
    for prefix, function in functions:
        whole = function.body
        for label, function.body in _bodies(whole):
            source = ast.unparse(ast.fix_missing_locations(tree))
            if source != original:
                found.setdefault(source, prefix + label)
        function.body = whole
    return [Mutant(label, _completion(problem, source)) for source, label in found.items()]


def _functions(tree: ast.Module, name: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """What is asked for: a function, or the methods of a class. Each comes with what its labels begin with."""
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
    match definitions[-1:]:
        case [ast.FunctionDef() as function]:
            yield "", function
        case [ast.ClassDef(body=body)]:
            for method in body:
                if isinstance(method, ast.FunctionDef) and method.name != "__init__":
                    yield f"{method.name}: ", method


def _without_docstring(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body if ast.get_docstring(function) is None else function.body[1:] or [ast.Pass()]


def _bodies(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """What the body of a function becomes, each with what was done to make it."""
    for constant in _CONSTANTS:
        yield f"returns {constant}", parse(f"return {constant}").body
    yield "returns one more", _returning(body, lambda value: _added(value, ast.Add()))
    yield "returns one less", _returning(body, lambda value: _added(value, ast.Sub()))
    yield "returns a slice", _returning(body, _sliced)
    yield from _other_literals(body)
    yield "without its last statement", [*body[:-1], *([] if len(body) > 1 else [ast.Pass()])]


def _added(value: ast.expr, operation: ast.operator) -> ast.expr:
    return ast.BinOp(value, operation, ast.Constant(1))


def _sliced(value: ast.expr) -> ast.expr:
    return ast.Subscript(value, ast.Slice(upper=ast.UnaryOp(ast.USub(), ast.Constant(1))), ast.Load())


class _Returns(ast.NodeTransformer):
    """Changes the value of each return statement of one function, and of none inside it."""

    def __init__(self, change: Callable[[ast.expr], ast.expr]) -> None:
        self._change = change

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if node.value is not None:
            node.value = self._change(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node


def _returning(body: list[ast.stmt], change: Callable[[ast.expr], ast.expr]) -> list[ast.stmt]:
    transformer = _Returns(change)
    return [transformer.visit(statement) for statement in copy.deepcopy(body)]


def _other_literals(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """One literal after the other, each in a copy of its own."""
    for number, (literal, value) in enumerate(_literals(body)):
        changed = copy.deepcopy(body)
        _literals(changed)[number][0].value = value + 1
        yield f"{value!r} becomes {value + 1!r} at {literal.lineno}:{literal.col_offset + 1}", changed


def _literals(body: list[ast.stmt]) -> list[tuple[ast.Constant, int | float]]:
    """The numbers in the source, in its order. A bool is none."""
    nodes = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Constant)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return [
        (node, node.value) for node in nodes if isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]


def _completion(problem: Problem, source: str) -> str:
    """A completion after which the program is this source: what the prompt began is defined anew."""
    if not problem.continues:
        return source
    try:
        parse(problem.prompt)
    except SyntaxError:
        return _open_end(problem) + source
    return "\n\n" + source


def _open_end(problem: Problem) -> str:
    """Ends a prompt that stops where a body must begin, with the indentation that the solution begins with."""
    first = next(line for line in problem.solution.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return first[: len(first) - len(first.lstrip())] + "pass\n\n\n"

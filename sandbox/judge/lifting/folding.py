"""Literals: turning the expressions of test code into plain values, or refusing.

The result is built from None, bool, int, float, complex, str, bytes, list, tuple, set, frozenset and dict only. Every
call makes its values anew.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.judge.lifting import arithmetic
from sandbox.judge.lifting.bounds import MAX_ELEMENTS, Work, check_length
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.lifting.scope import CONSTANTS, Scope
from sandbox.judge.lifting.views import refuse_collisions

# Functions of the elements of one sequence. Only those of ORDERLESS may be given a set, whose order is nobody's.
_OF_ELEMENTS: Mapping[str, Callable[[Any], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "sorted": sorted,
    "sum": sum,
    "min": min,
    "max": max,
    "len": len,
}
_ORDERLESS = frozenset({"set", "frozenset", "sorted", "min", "max", "len"})
_OF_NUMBERS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "int": int,
    "float": float,
    "bool": bool,
    "complex": complex,
}
FOLDED_NAMES = frozenset({*_OF_ELEMENTS, *_OF_NUMBERS, "range", "dict"})

_PLAIN_CONSTANTS = (bool, int, float, complex, str, bytes, type(None))
_PYTHON_ERRORS = (TypeError, ValueError, ArithmeticError)


class Folder:
    """Folds expressions in one scope, within the bounds of one test code."""

    def __init__(self, scope: Scope, work: Work) -> None:
        self._scope = scope
        self._work = work

    def fold(self, node: ast.expr) -> object:
        """The value of a literal expression."""
        self._work.spend(1)
        try:
            return self._fold(node)
        except _PYTHON_ERRORS as error:
            raise Refusal(f"a literal that cannot be computed: {error}", node) from error

    def items(self, nodes: Sequence[ast.expr]) -> list[object]:
        """The values of some expressions, `*several` included."""
        values: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                values.extend(self._elements(node.value, ordered=True))
            else:
                values.append(self.fold(node))
        return values

    def _fold(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=value) if isinstance(value, _PLAIN_CONSTANTS):
                return value
            case ast.List(elts=nodes):
                return self.items(nodes)
            case ast.Tuple(elts=nodes):
                return tuple(self.items(nodes))
            case ast.Set(elts=nodes):
                return _hashed(set, self.items(nodes))
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values)
            case ast.UnaryOp(op=operation, operand=operand):
                return arithmetic.unary(operation, self.fold(operand))
            case ast.BinOp(left=left, op=operation, right=right):
                return arithmetic.binary(self.fold(left), operation, self.fold(right), self._work)
            case ast.Name(id=name):
                return self._scope.use(name, self._work)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if (
                self._scope.is_math(module) and name in CONSTANTS
            ):
                return CONSTANTS[name]
            case ast.Call(func=ast.Name(id=name), args=nodes, keywords=keywords) if self._scope.is_builtin(name):
                return self._call(name, nodes, keywords)
        raise Refusal(f"{_shown(node)} is not a literal", node)

    def _dict(self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> object:
        if any(key is None for key in keys):
            raise Refusal("a dictionary that is unpacked into another")
        folded = [self.fold(key) for key in keys if key is not None]
        refuse_collisions(folded)
        return dict(zip(folded, self.items(values), strict=True))

    def _call(self, name: str, nodes: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> object:
        if name == "dict" and not nodes:
            named = [(keyword.arg, self.fold(keyword.value)) for keyword in keywords if keyword.arg is not None]
            if len(named) == len(keywords):
                return dict(named)
        if keywords:
            raise Refusal(f"a call of {name} with named arguments")
        if name in _OF_NUMBERS:
            return self._number(name, self.items(nodes))
        if name in _OF_ELEMENTS and len(nodes) == 1:
            return _hashed(_OF_ELEMENTS[name], self._elements(nodes[0], ordered=name not in _ORDERLESS))
        if name in ("list", "tuple", "set", "frozenset") and not nodes:
            return _OF_ELEMENTS[name](())
        raise Refusal(f"a call of {name} that is not folded")

    def _number(self, name: str, values: list[object]) -> object:
        if any(isinstance(value, (str, bytes)) and len(value) > 100 for value in values):
            raise Refusal(f"a call of {name} with a long text")
        if name == "abs" and len(values) != 1:
            raise Refusal("a call of abs that is not folded")
        result: object = _OF_NUMBERS[name](*values)
        return result

    def _elements(self, node: ast.expr, *, ordered: bool) -> Sequence[object]:
        """What iterating over an expression gives, `range(...)` included."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return self._range(node)
        value = self.fold(node)
        if isinstance(value, (set, frozenset)):
            if ordered:
                raise Refusal("the order of a set")
        elif not isinstance(value, (list, tuple, str, bytes, dict)):
            raise Refusal("something that is not iterated over")
        check_length(len(value), text=False)
        self._work.spend(len(value))
        return list(value)

    def _range(self, node: ast.Call) -> Sequence[object]:
        bounds: list[Any] = self.items(node.args)
        if node.keywords or not self._scope.is_builtin("range"):
            raise Refusal("a range that is not folded")
        numbers = range(*bounds)
        if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MAX_ELEMENTS:
            raise Refusal(f"a range of more than {MAX_ELEMENTS} elements")
        self._work.spend(len(numbers))
        return numbers


def _hashed(make: Callable[[Any], Any], items: Iterable[object]) -> object:
    if make in (set, frozenset):
        refuse_collisions(items)
    result: object = make(items)
    return result


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."

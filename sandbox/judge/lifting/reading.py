"""Reading one assert: which call it makes, how it looks at what comes back, and what it demands."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from sandbox.judge.lifting.bounds import Work
from sandbox.judge.lifting.checks import Check, Close, Compare, Contains, Equals, In, IsValue, Truthy
from sandbox.judge.lifting.folding import Folder
from sandbox.judge.lifting.model import LiftedAssert, LiftedCall, Vacuous
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.lifting.scope import Scope
from sandbox.judge.lifting.views import VIEWS, View

VIEW_NAMES = frozenset(VIEWS) - {"item", "minus", "minus_from", "fabs"}
# round(x, n) makes a number of n digits.
MAX_DIGITS = 400

_ORDERS: Mapping[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_Views = tuple[View, ...]


class AssertReader:
    """Reads asserts in which `names` are the names of the candidate, and `function` is what it is called by."""

    def __init__(self, function: str, names: frozenset[str], scope: Scope, work: Work) -> None:
        self._function = function
        self._names = names
        self._scope = scope
        self._folder = Folder(scope, work)

    def read(self, statement: ast.Assert) -> LiftedAssert | Vacuous:
        """What this assert demands. Its message plays no part: it can only change the text of a failure."""
        match statement.test:
            case ast.Constant(value=value):
                if not value:
                    raise Refusal("an assert that always fails", statement)
                return Vacuous(f"asserts the constant {value!r:.40}")
            case ast.UnaryOp(op=ast.Not(), operand=test):
                return self._test(test, negate=True)
            case test:
                return self._test(test, negate=False)

    def _test(self, test: ast.expr, *, negate: bool) -> LiftedAssert:
        match test:
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return self._compare(left, operation, right, negate=negate)
            case ast.Call(func=function, args=[left, right], keywords=keywords) if self._is_isclose(function):
                return self._close(left, right, keywords, negate=negate)
        call, via = self._seen(test)
        return LiftedAssert(call, Truthy(negate, via=via))

    def _compare(self, left: ast.expr, operation: ast.cmpop, right: ast.expr, *, negate: bool) -> LiftedAssert:
        on_left, on_right = self._mentions(left), self._mentions(right)
        if on_left is on_right:
            fault = "calls the program twice" if on_left else "does not call the program"
            raise Refusal(f"an assert that {fault}", left)
        if on_left:
            call, via = self._seen(left)
            other = self._folder.fold(right)
        else:
            other = self._folder.fold(left)
            call, via = self._seen(right)
        return LiftedAssert(call, _demand(operation, other, via, on_left=on_left, negate=negate))

    def _close(self, left: ast.expr, right: ast.expr, keywords: Sequence[ast.keyword], *, negate: bool) -> LiftedAssert:
        subject, other = (left, right) if self._mentions(left) else (right, left)
        call, via = self._seen(subject)
        tolerances = {str(keyword.arg): _number(self._folder.fold(keyword.value)) for keyword in keywords}
        expected = _number(self._folder.fold(other))
        if len(tolerances) != len(keywords) or not tolerances.keys() <= {"rel_tol", "abs_tol"}:
            raise Refusal("named arguments that isclose does not have", left)
        return LiftedAssert(call, Close(expected, negate=negate, via=via, **tolerances))

    def _seen(self, node: ast.expr) -> tuple[LiftedCall, _Views]:
        """The call inside of an expression, and the views around it, innermost first."""
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in self._names:
                return self._call(node), ()
            case ast.Call(func=function, args=[inner], keywords=[]) if view := self._view_name(function):
                call, via = self._seen(inner)
                return call, (*via, View(view))
            case ast.Call(func=ast.Name(id="round"), args=[inner, digits], keywords=[]) if self._is_view("round"):
                call, via = self._seen(inner)
                return call, (*via, View("round", self._digits(digits)))
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self._difference(left, right)
            case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice):
                call, via = self._seen(inner)
                return call, (*via, View("item", self._folder.fold(index)))
        raise Refusal("an assert that is not about one call of the program on literals", node)

    def _difference(self, left: ast.expr, right: ast.expr) -> tuple[LiftedCall, _Views]:
        if self._mentions(left):
            call, via = self._seen(left)
            return call, (*via, View("minus", _number(self._folder.fold(right))))
        number = _number(self._folder.fold(left))
        call, via = self._seen(right)
        return call, (*via, View("minus_from", number))

    def _call(self, node: ast.Call) -> LiftedCall:
        args = tuple(self._folder.items(node.args))
        kwargs: dict[str, object] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Refusal("a call with unpacked named arguments", node)
            kwargs[keyword.arg] = self._folder.fold(keyword.value)
        return LiftedCall(self._function, args, kwargs)

    def _digits(self, node: ast.expr) -> object:
        digits = self._folder.fold(node)
        if digits is not None and not (isinstance(digits, int) and abs(digits) <= MAX_DIGITS):
            raise Refusal(f"rounding to something other than up to {MAX_DIGITS} digits", node)
        return digits

    def _view_name(self, function: ast.expr) -> str:
        """The view that a function of one argument is, or an empty text."""
        if self._math_function(function) == "fabs":
            return "fabs"
        return function.id if isinstance(function, ast.Name) and self._is_view(function.id) else ""

    def _is_view(self, name: str) -> bool:
        return name in VIEW_NAMES and self._scope.is_builtin(name)

    def _is_isclose(self, function: ast.expr) -> bool:
        return self._math_function(function) == "isclose"

    def _math_function(self, function: ast.expr) -> str:
        match function:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if self._scope.is_math(module):
                return name
            case ast.Name(id=name):
                return self._scope.math_function(name)
        return ""

    def _mentions(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self._names for part in ast.walk(node))


def _demand(operation: ast.cmpop, other: object, via: _Views, *, on_left: bool, negate: bool) -> Check:
    """The check for `value operation other`, or with the value on the right for `other operation value`."""
    match operation:
        case ast.Eq() | ast.NotEq():
            return Equals(other, negate=isinstance(operation, ast.NotEq) is not negate, via=via)
        case ast.Is() | ast.IsNot() if other is None or isinstance(other, bool):
            return IsValue(other, negate=isinstance(operation, ast.IsNot) is not negate, via=via)
        case ast.In() | ast.NotIn():
            negated = isinstance(operation, ast.NotIn) is not negate
            return _one_of(other, via, negated) if on_left else Contains(other, negated, via=via)
    order = _ORDERS.get(type(operation))
    if order is None or negate:
        raise Refusal("a comparison that is not lifted")
    return Compare(order if on_left else _MIRRORED[order], other, via=via)


def _one_of(options: object, via: _Views, negate: bool) -> Check:
    match options:
        case list() | tuple():
            return In(tuple(options), "sequence", negate, via=via)
        case set() | frozenset():
            return In(tuple(options), "set", negate, via=via)
        case dict():
            return In(tuple(options), "dict", negate, via=via)
    raise Refusal("a search in something other than a collection")


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise Refusal("something other than a number where a number is compared")
    return value

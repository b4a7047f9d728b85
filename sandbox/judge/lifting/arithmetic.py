"""Operators between literals, each bounded before it is applied: `10 ** 5`, `2.0 / 3.0`, `"ab" * 3`, `[0] * 100`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.judge.lifting.bounds import CHARACTERS, Work, check_bits, check_length, measure
from sandbox.judge.lifting.refusal import Refusal

_NUMBERS = (int, float, complex)
_TEXTS = (str, bytes)
_SEQUENCES = (str, bytes, list, tuple)
_SETS = (set, frozenset)

_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_NUMERIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_ON_SETS = (ast.Sub, ast.BitAnd, ast.BitOr, ast.BitXor)


def unary(operation: ast.unaryop, value: object) -> object:
    """The value of `-x`, `+x` or `~x` for a number. Raises what Python would raise."""
    function = _UNARY.get(type(operation))
    if function is None or not isinstance(value, _NUMBERS):
        raise Refusal("an operator on something other than numbers")
    return function(value)


def binary(left: object, operation: ast.operator, right: object, work: Work) -> object:
    """The value of `left operation right`. Raises what Python would raise."""
    if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
        result = _number(left, operation, right)
        check_bits(result.bit_length() if isinstance(result, int) else 0)
        return result
    if isinstance(operation, ast.Add) and isinstance(left, _SEQUENCES) and type(left) is type(right):
        return _concatenate(left, right, work)
    if isinstance(operation, ast.Mult):
        if isinstance(left, _SEQUENCES) and isinstance(right, int):
            return _repeat(left, right, work)
        if isinstance(left, int) and isinstance(right, _SEQUENCES):
            return _repeat(right, left, work)
    if isinstance(operation, _ON_SETS) and isinstance(left, _SETS) and isinstance(right, _SETS):
        return _NUMERIC[type(operation)](left, right)
    raise Refusal("an operator that is not folded")


def _number(left: Any, operation: ast.operator, right: Any) -> object:
    whole = isinstance(left, int) and isinstance(right, int)
    if isinstance(operation, ast.Add):
        return left + right
    if isinstance(operation, ast.Mult):
        if whole:
            check_bits(left.bit_length() + right.bit_length())
        return left * right
    if isinstance(operation, ast.Pow):
        if whole:
            # No power is shorter than this, and none is more than twice as long; the result is checked again.
            check_bits((left.bit_length() - 1) * right)
        return left**right
    if isinstance(operation, ast.LShift):
        check_bits(left.bit_length() + max(right, 0) if whole else 0)
        return left << right
    function = _NUMERIC.get(type(operation))
    if function is None:
        raise Refusal("an operator that is not folded")
    return function(left, right)


def _concatenate(left: Any, right: Any, work: Work) -> object:
    length = len(left) + len(right)
    text = isinstance(left, _TEXTS)
    check_length(length, text=text)
    work.spend(length // CHARACTERS if text else length)
    return left + right


def _repeat(sequence: Any, times: int, work: Work) -> object:
    length = len(sequence) * max(times, 0)
    if isinstance(sequence, _TEXTS):
        check_length(length, text=True)
        work.spend(length // CHARACTERS)
        return sequence * times
    check_length(length, text=False)
    size, _ = measure(sequence)
    work.spend(size * max(times, 0))
    if times > 1 and any(measure(element)[1] for element in sequence):
        raise Refusal("a sequence that holds one changeable element several times")
    return sequence * times

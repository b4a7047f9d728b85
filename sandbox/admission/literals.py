"""Values of the judge as Python source: what a program writes that returns one of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from sandbox.judge.values.types import PlainDict, PlainSet, Value

# The parser of Python takes no more than 200 brackets inside each other.
_DEPTH = 50


class NoLiteral(ValueError):
    """The value cannot be written as a short expression: an array, or what is nested too deeply."""


def python_source(value: Value, depth: int = 0) -> str:
    """An expression that builds the value, in ASCII. Raises NoLiteral."""
    if depth > _DEPTH:
        raise NoLiteral("nested too deeply")
    if isinstance(value, bool) or value is None or isinstance(value, bytes | bytearray | range):
        return repr(value)
    if isinstance(value, int):
        return hex(value) if value.bit_length() > 64 else repr(value)
    if isinstance(value, float):
        return repr(value) if value - value == 0.0 else f"float({str(value)!r})"
    if isinstance(value, complex):
        return f"complex({python_source(value.real)}, {python_source(value.imag)})"
    if isinstance(value, str):
        return ascii(value)
    if isinstance(value, Decimal):
        return f"__import__('decimal').Decimal({str(value)!r})"
    if isinstance(value, Fraction):
        return f"__import__('fractions').Fraction({hex(value.numerator)}, {hex(value.denominator)})"
    return _container(value, depth + 1)


def _container(value: Value, depth: int) -> str:
    if isinstance(value, list):
        return f"[{_joined(value, depth)}]"
    if isinstance(value, tuple):
        return f"({_joined(value, depth)},)" if value else "()"
    if isinstance(value, PlainSet):
        return f"{'frozenset' if value.frozen else 'set'}([{_joined(value.items, depth)}])"
    if isinstance(value, dict | PlainDict):
        pairs = value.items() if isinstance(value, dict) else value.pairs
        return f"{{{', '.join(f'{python_source(key, depth)}: {python_source(item, depth)}' for key, item in pairs)}}}"
    raise NoLiteral(type(value).__name__)


def _joined(items: Iterable[Value], depth: int) -> str:
    return ", ".join(python_source(item, depth) for item in items)

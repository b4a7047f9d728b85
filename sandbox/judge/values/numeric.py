"""When two numbers are the same number, exactly, whatever their types."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import TypeAlias

Number: TypeAlias = int | float | complex | Decimal | Fraction

NUMBERS: frozenset[type] = frozenset({int, float, complex, Decimal, Fraction})
_NATIVE: frozenset[type] = frozenset({bool, int, float, complex})
_LOG10_OF_2 = 0.30102999566398119521


def same_number(left: Number, right: Number) -> bool:
    """Numerical equality without rounding; nan is not equal to anything."""
    if type(left) in _NATIVE and type(right) in _NATIVE:
        return left == right
    if isinstance(right, Decimal):
        left, right = right, left
    if isinstance(left, Decimal):
        return _same_decimal(left, right)
    return left == right


def is_nan(number: Number) -> bool:
    """Whether the number, or a part of a complex one, is nan."""
    if isinstance(number, complex):
        return isnan(number.real) or isnan(number.imag)
    if isinstance(number, Decimal):
        return number.is_nan()
    return isinstance(number, float) and isnan(number)


def same_nan(left: Number, right: Number) -> bool:
    """Whether both are nan, of complex numbers in the same parts and equal in the others."""
    if isinstance(left, complex) and isinstance(right, complex):
        parts = ((left.real, right.real), (left.imag, right.imag))
        return all(a == b or (isnan(a) and isnan(b)) for a, b in parts)
    return is_nan(left) and is_nan(right) and not isinstance(left, complex) and not isinstance(right, complex)


def _same_decimal(left: Decimal, right: Number) -> bool:
    # A signalling nan raises when it is compared; a huge integer takes square time to become a Decimal.
    if left.is_nan() or is_nan(right):
        return False
    if isinstance(right, complex):
        return right.imag == 0 and left == right.real
    if isinstance(right, int) and left.is_finite() and left and right:
        magnitude = right.bit_length() * _LOG10_OF_2
        if abs(left.adjusted() - magnitude) > 2 + magnitude * 1e-9:
            return False
    return bool(left == right)

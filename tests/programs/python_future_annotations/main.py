"""A docstring."""

from __future__ import annotations


def f(x: NotDefinedAnywhere) -> int:
    return 1


print(f(0), f.__annotations__["x"], __doc__)

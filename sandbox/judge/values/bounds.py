"""How much of a value is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a value may be. Text beyond any of these is malformed.

    `max_nodes` counts every value inside the value, elements of arrays too, and 64 digits that an exponent stands for
    as one. `max_digits` bounds what cannot be read in linear time: the digits of decimal integers, of `$decimal` (and
    its exponent), and of the parts of `$fraction`.
    """

    max_bytes: int = 16 << 20
    max_depth: int = 200
    max_nodes: int = 1_000_000
    max_text: int = 16 << 20
    max_digits: int = 4300

"""The local names of test code: literals that were given a name, and what was imported from `math`."""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.judge.lifting.bounds import Work, measure
from sandbox.judge.lifting.refusal import Refusal

CONSTANTS = {name: getattr(math, name) for name in ("pi", "e", "tau", "inf", "nan")}
MATH_FUNCTIONS = frozenset({"isclose", "fabs"})


@dataclass(slots=True)
class _Literal:
    value: object
    size: int
    mutable: bool
    used: bool = False


@dataclass(frozen=True, slots=True)
class _MathModule:
    pass


@dataclass(frozen=True, slots=True)
class _MathFunction:
    name: str


@dataclass(frozen=True, slots=True)
class _Unknown:
    pass


_Entry = _Literal | _MathModule | _MathFunction | _Unknown


class Scope:
    """Names and what they stand for. A name that it does not know may still be a builtin.

    A changeable value that has a name can be used once. With the second use the question would arise what the
    candidate did to it in between, and only a run could answer that.
    """

    def __init__(self, reserved: Iterable[str], outer: Scope | None = None) -> None:
        self._reserved = frozenset(reserved)
        self._outer = outer
        self._names: dict[str, _Entry] = {}

    def inner(self, parameter: str) -> Scope:
        """The scope of a function of one parameter that is defined in this one."""
        inner = Scope(self._reserved, self)
        inner.bind_candidate(parameter)
        return inner

    def bind(self, name: str, value: object) -> None:
        """`name = literal`."""
        size, mutable = measure(value)
        self._put(name, _Literal(value, size, mutable))

    def bind_unknown(self, name: str) -> None:
        """Something that is not folded has this name: an import, a function of the setup."""
        self._put(name, _Unknown())

    def bind_candidate(self, name: str) -> None:
        """The candidate has this name, and keeps it. It may hide a builtin: there are problems that ask for `sum`."""
        self._names[name] = _Unknown()
        self._reserved |= {name}

    def bind_math(self, name: str) -> None:
        """`import math as name`."""
        self._put(name, _MathModule())

    def bind_from_math(self, attribute: str, name: str) -> None:
        """`from math import attribute as name`."""
        if attribute in CONSTANTS:
            self.bind(name, CONSTANTS[attribute])
        elif attribute in MATH_FUNCTIONS:
            self._put(name, _MathFunction(attribute))
        else:
            self.bind_unknown(name)

    def use(self, name: str, work: Work) -> object:
        """The literal that this name stands for."""
        entry = self._find(name)
        if not isinstance(entry, _Literal):
            raise Refusal(f"{name!r} is not the name of a literal")
        if entry.mutable and entry.used:
            raise Refusal(f"{name!r} holds a changeable value and is used more than once")
        entry.used = True
        work.spend(entry.size)
        return entry.value

    def knows(self, name: str) -> bool:
        """Whether reading this name alone would not raise a NameError."""
        return self._find(name) is not None or hasattr(builtins, name)

    def is_builtin(self, name: str) -> bool:
        """Whether this name still means what Python means by it."""
        return self._find(name) is None and hasattr(builtins, name)

    def is_math(self, name: str) -> bool:
        """Whether this name is the module `math`."""
        return isinstance(self._find(name), _MathModule)

    def math_function(self, name: str) -> str:
        """The function of `math` that this name is, or an empty text."""
        entry = self._find(name)
        return entry.name if isinstance(entry, _MathFunction) else ""

    def _find(self, name: str) -> _Entry | None:
        found = self._names.get(name)
        return self._outer._find(name) if found is None and self._outer is not None else found

    def _put(self, name: str, entry: _Entry) -> None:
        if name in self._reserved:
            raise Refusal(f"{name!r} is given a new meaning")
        outside = self._outer._find(name) if self._outer is not None else None
        if outside is not None and outside != entry:
            raise Refusal(f"{name!r} is a name outside of the function, too")
        self._names[name] = entry

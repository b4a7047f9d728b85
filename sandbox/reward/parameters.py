"""Reading a scheme's parameters, which arrive as a protobuf Struct: numbers are floats, and any key may be there."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping

from sandbox.reward.errors import SchemeError


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the known name closest to `name`, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names)}."


class Parameters:
    """Hands out parameters one by one; `finish` then refuses those that nobody asked for."""

    def __init__(self, scheme: str, given: Mapping[str, object]) -> None:
        self._scheme = scheme
        self._given = given
        self._asked: list[str] = []

    def number(self, name: str, default: float, low: float, high: float, *, below_high: bool = False) -> float:
        """A number in [low, high], or in [low, high) with `below_high`."""
        value = self._take(name, default)
        interval = f"[{low:g}, {high:g}{')' if below_high else ']'}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(name, f"is {_kind(value)}, not a number", f"Give a number in {interval}.")
        if not math.isfinite(value) or not low <= value <= high or (below_high and value == high):
            raise self._bad(name, f"is {value!r}, outside of {interval}", f"Give a number in {interval}.")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise self._bad(name, f"is {_kind(value)}, not true or false", "Give true or false.")
        return value

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        """One of a few words."""
        value = self._take(name, default)
        allowed = tuple(choices)
        if not isinstance(value, str):
            raise self._bad(name, f"is {_kind(value)}, not a word", f"Known are: {', '.join(allowed)}.")
        if value not in allowed:
            raise self._bad(name, f"is {value!r}", nearest(value, allowed))
        return value

    def finish(self) -> None:
        """Refuses every parameter that the scheme did not ask for."""
        for name in sorted(set(self._given) - set(self._asked)):
            fix = nearest(name, self._asked) if self._asked else "Leave it out: this scheme takes no parameters."
            raise self._bad(name, f"is not a parameter of {self._scheme!r}", fix)

    def _take(self, name: str, default: object) -> object:
        self._asked.append(name)
        return self._given.get(name, default)

    def _bad(self, name: str, message: str, suggestion: str) -> SchemeError:
        return SchemeError(f"reward.params.{name}", message, suggestion)


def _kind(value: object) -> str:
    """A JSON value's kind, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, int | float):
        return f"the number {value:g}"
    return "an object" if isinstance(value, Mapping) else "a list"

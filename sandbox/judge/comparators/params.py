"""Reading a comparator's parameters: typed, ranged, and every mistake named with its field.

Parameters arrive from a protobuf Struct, so every number is a float: 3.0 is a fine integer, True is not a number.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from .base import Comparator, ComparatorError

_MAX_NESTING = 8

Build = Callable[[str, "Params"], Comparator]


def nearest(wrong: str, names: Sequence[str]) -> str:
    """Suggestion for a mistyped name, or the list of what there is."""
    close = get_close_matches(wrong, names, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    return "known: " + ", ".join(filter(None, names)) if names else "it takes none"


class Params:
    """The parameters of one comparator; each read takes one by name, `finish` refuses those nobody read."""

    def __init__(self, values: Mapping[str, object], build: Build, field: str = "comparator", depth: int = 0) -> None:
        if depth > _MAX_NESTING:
            raise ComparatorError(field, f"comparators are nested more than {_MAX_NESTING} deep")
        self.field = field
        self._values = {name: values[name] for name in values}  # a protobuf Struct has no `get`
        self._build = build
        self._depth = depth
        self._known: list[str] = []

    def error(self, name: str, message: str, suggestion: str = "") -> ComparatorError:
        """Make the error for one parameter."""
        return ComparatorError(f"{self.field}.params.{name}", message, suggestion)

    def given(self, name: str) -> bool:
        """Whether the parameter was passed at all."""
        self._known.append(name)
        return self._values.get(name) is not None

    def flag(self, name: str, default: bool) -> bool:
        """Read true or false."""
        if not self.given(name):
            return default
        value = self._values[name]
        if not isinstance(value, bool):
            raise self.error(name, f"must be true or false, not {value!r:.40}")
        return value

    def number(self, name: str, default: float) -> float:
        """Read a finite number that is not negative."""
        if not self.given(name):
            return default
        return self._number(name, self._values[name])

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number in a range."""
        value = self.number(name, default)
        if value != int(value) or not low <= value <= high:
            raise self.error(name, f"must be a whole number from {low} to {high}, not {value:g}")
        return int(value)

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """Read one of a few words."""
        if not self.given(name):
            return default
        value = self._values[name]
        if not isinstance(value, str):
            raise self.error(name, f"must be text, not {value!r:.40}", "one of " + ", ".join(choices))
        if value not in choices:
            raise self.error(name, f"must not be '{value:.40}'", nearest(value, choices))
        return value

    def text(self, name: str, default: str) -> str:
        """Read a text."""
        if not self.given(name):
            return default
        value = self._values[name]
        if not isinstance(value, str):
            raise self.error(name, f"must be text, not {value!r:.40}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts."""
        items = self._items(name)
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items):
            raise self.error(name, "must be a list of texts")
        return texts

    def numbers(self, name: str) -> tuple[float, ...]:
        """Read a list of finite numbers that are not negative."""
        return tuple(self._number(name, item) for item in self._items(name))

    def comparator(self, default: str) -> Comparator:
        """Build the comparator named by the parameters `comparator` and `params`."""
        name = self.text("comparator", default)
        values: object = self._values["params"] if self.given("params") else {}
        if not isinstance(values, Mapping):
            raise self.error("params", "must be an object")
        inner = Params(values, self._build, f"{self.field}.params.comparator", self._depth + 1)
        return self._build(name, inner)

    def finish(self) -> None:
        """Refuse every parameter that was not read."""
        for name in self._values:
            if name not in self._known:
                known = sorted(set(self._known))
                raise self.error(name, "this comparator takes no such parameter", nearest(name, known))

    def _items(self, name: str) -> Sequence[object]:
        value = self._values[name] if self.given(name) else ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.error(name, "must be a list")
        return value

    def _number(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(name, f"must be a number, not {value!r:.40}")
        if not 0 <= value <= sys.float_info.max:
            raise self.error(name, f"must be a finite number of at least 0, not {value!r:.40}")
        return float(value)

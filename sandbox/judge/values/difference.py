"""Where two values differ, as the one line that a verdict shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from .show import show, show_path
from .types import NdArray, Opaque, PlainDict, PlainSet, Raised, Value

_TEXT_WINDOW = 40


@dataclass(slots=True)
class Difference:
    """The first place where two values differ; the steps to it are collected from the inside out."""

    text: str
    steps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        path = show_path(reversed(self.steps))
        return f"{path}: {self.text}" if path else self.text


def set_difference(got: dict[bytes, Value], wanted: dict[bytes, Value]) -> Difference | None:
    """The first member that one set has and the other has not."""
    for key, item in wanted.items():
        if key not in got:
            return Difference(f"{show(item)} is missing")
    for key, item in got.items():
        if key not in wanted:
            return Difference(f"{show(item)} is not expected")
    return None


def unequal(actual: Value, expected: Value) -> Difference:
    """Two values of the same kind that are not equal."""
    return Difference(f"expected {show(expected)}, got {show(actual)}")


def count_difference(actual: int, expected: int) -> Difference | None:
    """Sequences of which one ends too early."""
    if actual == expected:
        return None
    return Difference(f"expected {expected} item{'' if expected == 1 else 's'}, got {actual}")


def mismatch(actual: Value, expected: Value) -> Difference:
    """Two values of kinds that are never equal."""
    if isinstance(actual, Raised):
        return Difference(f"expected {show(expected)}, but the call raised {show(actual)}: {show(actual.message)}")
    if isinstance(actual, Opaque):
        return Difference(f"expected {show(expected)}, got {show(actual)}, which is not plain data")
    return Difference(f"expected {_with_type(expected)}, got {_with_type(actual)}")


def _with_type(value: Value) -> str:
    names = {PlainSet: "set", PlainDict: "dict", NdArray: "ndarray"}
    return "None" if value is None else f"the {names.get(type(value), type(value).__name__)} {show(value)}"


def text_difference(actual: str, expected: str) -> Difference:
    """Two strings; of long ones, where they part."""
    low, high = 0, min(len(actual), len(expected))
    if high <= _TEXT_WINDOW:
        return Difference(f"expected {show(expected)}, got {show(actual)}")
    while low < high:
        middle = (low + high + 1) // 2
        if actual[low:middle] == expected[low:middle]:
            low = middle
        else:
            high = middle - 1
    window = slice(max(0, low - 10), low + _TEXT_WINDOW)
    return Difference(f"at character {low}: expected {show(expected[window])}, got {show(actual[window])}")

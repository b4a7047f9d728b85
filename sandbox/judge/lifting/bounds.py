"""How large the values of test code may become while its literals are folded."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.judge.lifting.refusal import Refusal

# Elements of one sequence, characters of one text, bits of one integer (4300 decimal digits, as far as Python prints).
MAX_ELEMENTS = 100_000
MAX_TEXT = 1_000_000
MAX_BITS = 14_000
# Containers inside containers.
MAX_DEPTH = 100
# Syntax nodes and elements over the whole test code.
MAX_WORK = 1_000_000
# So many characters of a text that an operator makes cost as much as one element.
CHARACTERS = 8

_CONTAINERS = (list, tuple, set, frozenset, dict)
_MUTABLE = (list, set, dict)


class Work:
    """What folding one test code has cost so far. Past MAX_WORK it is refused."""

    def __init__(self) -> None:
        self._spent = 0

    def spend(self, amount: int) -> None:
        """Adds to the cost."""
        self._spent += amount
        if self._spent > MAX_WORK:
            raise Refusal(f"its literals hold more than {MAX_WORK} elements")


def check_length(length: int, *, text: bool) -> None:
    """Refuses a sequence or a text of that length, before it is made."""
    limit = MAX_TEXT if text else MAX_ELEMENTS
    if length > limit:
        raise Refusal(
            f"a text of more than {limit} characters" if text else f"a sequence of more than {limit} elements"
        )


def check_bits(bits: int) -> None:
    """Refuses an integer of that many bits, before it is made."""
    if bits > MAX_BITS:
        raise Refusal(f"an integer of more than {MAX_BITS} bits")


def measure(value: object) -> tuple[int, bool]:
    """How many values there are inside of `value`, itself included, and whether any of them can be changed in place.

    What occurs twice is counted twice, so a small nest of shared tuples that unfolds into millions is refused.
    """
    size, mutable = 0, False
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        mutable = mutable or any(isinstance(item, _MUTABLE) for item in level)
        size += len(level)
        if size + sum(_width(item) for item in level) > MAX_WORK:
            raise Refusal(f"its literals hold more than {MAX_WORK} elements")
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return size, mutable
    raise Refusal(f"its literals are nested more than {MAX_DEPTH} deep")


def _width(value: object) -> int:
    if isinstance(value, dict):
        return 2 * len(value)
    return len(value) if isinstance(value, _CONTAINERS) else 0


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, _CONTAINERS) else ()

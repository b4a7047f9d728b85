"""Notices values that are written plain though their class says itself how they compare.

Classes are read through `type`, and nothing of them is asked: a class may have a metaclass that gives other answers,
and members whose names are of any type.
"""

import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

from . import plain

_COMPARING = frozenset(("__eq__", "__ne__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__"))
_name_of = type.__dict__["__name__"].__get__
_bases_of = type.__dict__["__mro__"].__get__
_members_of = type.__dict__["__dict__"].__get__
# What C types have in the place of methods; None takes a method away.
_BUILT_IN = (type(object.__eq__), type(None))


class Encoder(plain.Encoder):
    """As its base; `overriding` says afterwards whether such a value was met."""

    def __init__(self) -> None:
        super().__init__()
        self.overriding = False
        self._harmless: set[int] = set()

    def base(self, kind: type) -> type:
        """As its base's; looks at each class once."""
        base = super().base(kind)
        if base is not object and not self.overriding and id(kind) not in self._harmless:
            self.overriding = _compares_itself(kind)
            self._harmless.add(id(kind))
        return base


def _compares_itself(kind: type) -> bool:
    """Whether a class has its comparing from a class that was written in Python, and not by the library's authors."""
    found: set[str] = set()
    for base in _bases_of(kind):
        for name, member in _members(base):
            if name in _COMPARING and name not in found:
                found.add(name)
                if type(member) not in _BUILT_IN and not _is_of_library(base):
                    return True
    return False


def _members(kind: type) -> "Iterator[tuple[str, object]]":
    """Gone through and never looked up: the name of another member could answer for the one that is asked for."""
    return ((name, member) for name, member in _members_of(kind).items() if type(name) is str)


def _is_of_library(kind: type) -> bool:
    """As `collections.Counter` and `enum.Enum` are, which are no work of the program's."""
    module = next((member for name, member in _members(kind) if name == "__module__"), None)
    if type(module) is not str or module.partition(".")[0] not in sys.stdlib_module_names:
        return False
    home = sys.modules.get(module)
    return type(home) is types.ModuleType and home.__dict__.get(_name_of(kind)) is kind

"""Globs of paths, matched part by part: a hostile path costs a step for each of its parts, however deep it is.

`*` and `?` stand for anything within one part, `**` for any number of parts, none included. A glob without a slash is
one of names, in any folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# How many parts have been matched, in each possible way; or that a folder above was one of these paths.
_States = frozenset[int]
_ABOVE = -1


class Glob:
    """One glob. What was found of folders is kept: use it for one set of paths."""

    def __init__(self, text: str) -> None:
        self.text = text
        parts = text.split("/") if "/" in text or text == "**" else ["**", text]
        # None: any number of parts.
        self._parts = [None if part == "**" else _pattern(part) for part in parts]
        self._known: dict[str, _States] = {"": self._further({0})}

    def matches(self, path: str) -> bool:
        """Whether it is one of these paths."""
        return len(self._parts) in self._states(path)

    def matches_above(self, path: str) -> bool:
        """Whether it, or a folder that it is in, is one of these paths."""
        return _ABOVE in self._states(path) or self.matches(path)

    def _states(self, path: str) -> _States:
        known = self._known.get(path)
        if known is not None:
            return known
        missing = []
        while (known := self._known.get(path)) is None:
            missing.append(path)
            path = path.rpartition("/")[0]
        for each in reversed(missing):
            known = self._known[each] = self._step(known, each.rpartition("/")[2])
        return known

    def _step(self, states: _States, name: str) -> _States:
        found = set()
        for state in states:
            if state in (_ABOVE, len(self._parts)):
                found.add(_ABOVE)
                continue
            pattern = self._parts[state]
            if pattern is None:
                found.add(state)
            elif pattern.fullmatch(name):
                found.add(state + 1)
        return self._further(found)

    def _further(self, states: Iterable[int]) -> _States:
        found = set(states)
        for state in range(len(self._parts)):
            if state in found and self._parts[state] is None:
                found.add(state + 1)
        return frozenset(found)


def _pattern(part: str) -> re.Pattern[str]:
    signs = {"*": ".*", "?": "."}
    pieces = re.split(r"(\*+|\?)", part)
    return re.compile("".join(signs.get(piece[:1]) or re.escape(piece) for piece in pieces if piece), re.DOTALL)

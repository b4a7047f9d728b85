"""Globs: of resources, of paths that a policy names, of paths behind HTTP. Names are hostile, and so is their length.

`*` stays within a part, `**` crosses parts, `**/` is any number of whole parts. A pattern never goes back over what it
has matched: after each star, the first place where what follows fits is as good as any later one, since whatever can be
reached from the later one can be reached from the first. So a name costs its length times that of a part, however many
stars there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# With `?` and sets; of one part, in which several stars are one; of URLs, where `?` is none.
_RESOURCE = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)
_PART = re.compile(r"\*+|\?|.", re.DOTALL)
_URL = re.compile(r"\*\*|\*|.", re.DOTALL)


@lru_cache(maxsize=1024)
def compiled(glob: str) -> re.Pattern[str]:
    """The pattern of whole resources that a glob with `?` and `[...]` describes."""
    return _pattern(_RESOURCE.findall(glob))


@lru_cache(maxsize=1024)
def of_url(glob: str) -> re.Pattern[str]:
    """The pattern of whole paths behind HTTP: `*` and `**` only."""
    return _pattern(_URL.findall(glob))


def matches(glob: str, name: str) -> bool:
    """Whether the whole of `name` is what `glob` describes."""
    return compiled(glob).fullmatch(name) is not None


def _pattern(tokens: Iterable[str]) -> re.Pattern[str]:
    """Blocks between `**`, each as what leads to it and its pieces between `*`."""
    blocks: list[tuple[str, list[str]]] = [("", [""])]
    before = ""
    for token in tokens:
        pieces = blocks[-1][1]
        whole_parts = token == "**/" and (before.endswith("/") or (len(blocks) == 1 and len(pieces) == 1))
        if whole_parts:
            blocks.append(("(?:.*?/)??", [""]))
        elif token.startswith("**"):
            blocks.append((".*?", [re.escape(token[2:])]))
        elif token == "*":
            pieces.append("")
        else:
            pieces[-1] += _one(token)
        before = token
    *first, (gap, pieces) = blocks
    text = "".join(f"(?>{each}{_pieces(between)})" for each, between in first)
    return re.compile(text + gap + _pieces(pieces[:-1]) + ("[^/]*" if len(pieces) > 1 else "") + pieces[-1], re.DOTALL)


def _pieces(pieces: list[str]) -> str:
    return "".join(f"(?>[^/]*?{piece})" if number else piece for number, piece in enumerate(pieces))


def _one(token: str) -> str:
    """The pattern of one character, which is no slash unless it is given as one."""
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 2:
        negated = token[1] == "!"
        body = re.escape(token[1 + negated : -1]).replace("\\-", "-")
        return f"(?!/)[{'^' if negated else ''}{body}]"
    return re.escape(token)


# How many parts have been matched, in each possible way; or that a folder above was one of these paths.
_States = frozenset[int]
_ABOVE = -1


class PathGlob:
    """A glob of paths, matched part by part: a path costs a step for each of its parts, however deep it is.

    `*` and `?` stand for anything within one part, `**` for any number of parts, none included. A glob without a slash
    is one of names, in any folder. What was found of folders is kept: use it for one set of paths.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = text.split("/") if "/" in text or text == "**" else ["**", text]
        # None: any number of parts.
        self._parts = [None if part == "**" else _of_part(part) for part in parts]
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


def _of_part(part: str) -> re.Pattern[str]:
    return _pattern("*" if token.startswith("*") else token for token in _PART.findall(part))

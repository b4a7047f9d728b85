"""On which line of a TOML file each key stands. `tomllib` reads values and forgets where they were.

Only for text that `tomllib` has read without an error: what is not TOML is skipped here, never reported.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Keys = tuple[str, ...]

# Strings first: whatever is inside of one is no comment, key or bracket. A bare key, a number and a date look alike.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[A-Za-z0-9_+:-]+"
    r"|[\[\]{}=,.\n]",
    re.DOTALL,
)
_END = ("", 0)


def lines_of(text: str) -> dict[Keys, int]:
    """Line numbers from 1, by key: `("limits", "processes")`. Elements of arrays have their number in their key.

    A table has the line of its header, or of the key that it is the value of; one that only the header of another table
    implies has none.
    """
    return _Reader(text).lines()


class _Reader:
    """One walk over the tokens; `_next` is the one to be looked at."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = next(self._tokens, _END)
        self._found: dict[Keys, int] = {}

    def lines(self) -> dict[Keys, int]:
        """All of the file."""
        table: Keys = ()
        counts: dict[Keys, int] = {}
        while self._next != _END:
            token, line = self._next
            if token == "\n":
                self._take()
            elif token == "[":
                self._take()
                repeated = self._next[0] == "["
                if repeated:
                    self._take()
                table = self._inside(self._key(), counts)
                if repeated:
                    number = counts[table] = counts.get(table, -1) + 1
                    table = (*table, str(number))
                self._found.setdefault(table, line)
                while self._next[0] not in ("\n", ""):
                    self._take()
            else:
                self._pair(table)
        return self._found

    def _take(self) -> str:
        token = self._next[0]
        self._next = next(self._tokens, _END)
        return token

    def _skip_lines(self) -> None:
        while self._next[0] == "\n":
            self._take()

    def _inside(self, keys: Keys, counts: dict[Keys, int]) -> Keys:
        """`keys` with the number of the last element behind each array of tables that leads to it."""
        path: Keys = ()
        for key in keys[:-1]:
            path = (*path, key)
            if path in counts:
                path = (*path, str(counts[path]))
        return (*path, *keys[-1:])

    def _key(self) -> Keys:
        parts = [_plain(self._take())]
        while self._next[0] == ".":
            self._take()
            parts.append(_plain(self._take()))
        return tuple(parts)

    def _pair(self, table: Keys) -> None:
        line = self._next[1]
        keys = self._key()
        for end in range(1, len(keys) + 1):
            self._found.setdefault((*table, *keys[:end]), line)
        if self._next[0] == "=":
            self._take()
            self._value((*table, *keys))

    def _value(self, path: Keys) -> None:
        token = self._take()
        if token == "[":
            self._elements(path)
        elif token == "{":
            while self._next[0] not in ("}", ""):
                if self._next[0] in (",", "\n"):
                    self._take()
                else:
                    self._pair(path)
            self._take()
        else:
            # A number with a fraction, or a time, is more than one token.
            while self._next[0] not in ("\n", ",", "]", "}", ""):
                self._take()

    def _elements(self, path: Keys) -> None:
        number = 0
        self._skip_lines()
        while self._next[0] not in ("]", ""):
            if self._next[0] == ",":
                self._take()
            else:
                self._found[(*path, str(number))] = self._next[1]
                self._value((*path, str(number)))
                number += 1
            self._skip_lines()
        self._take()


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        if not match[0].startswith("#"):
            yield match[0], line


def _plain(token: str) -> str:
    """A key without its quotes and escapes."""
    return str(tomllib.loads(f"key = {token}")["key"]) if token[:1] in ("'", '"') else token

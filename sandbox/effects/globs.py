"""Globs over names with slashes: `*` and `?` stay within a part, `**` crosses parts, `[...]` is a set."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)


@lru_cache(maxsize=1024)
def compiled(glob: str) -> re.Pattern[str]:
    """The pattern that matches whole names. No backtracking beyond what its stars need."""
    parts = []
    for token in _TOKEN.findall(glob):
        if token == "**/":
            parts.append("(?:.*/)?")
        elif token == "**":
            parts.append(".*")
        elif token == "*":
            parts.append("[^/]*")
        elif token == "?":
            parts.append("[^/]")
        elif token.startswith("[") and len(token) > 2:
            body = token[1:-1]
            negated = body.startswith("!")
            parts.append(f"[{'^' if negated else ''}{re.escape(body[negated:]).replace(chr(92) + '-', '-')}]")
        else:
            parts.append(re.escape(token))
    return re.compile("".join(parts), re.DOTALL)


def matches(glob: str, name: str) -> bool:
    """Whether the whole of `name` is what `glob` describes."""
    return compiled(glob).fullmatch(name) is not None

"""Facets of one resource before and after, as words: mode, owner, times, digests, or whatever a backend records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.cli.render import escaped
from sandbox.cli.units import size_text

_WIDTH = 200


def differing(pre: Any, post: Any) -> Iterator[tuple[str, str, str]]:
    """(facet, before, after) where the two differ; "" where there was nothing. What is no object is one facet."""
    before, after = _facets(pre), _facets(post)
    if pre is None or post is None:
        for facets in (before, after):
            for name, usual in _USUAL.items():
                if facets.get(name) == usual:
                    del facets[name]
    for name in [*before, *(each for each in after if each not in before)]:
        if before.get(name) != after.get(name):
            yield escaped(name), before.get(name, ""), after.get(name, "")


def short(value: Any) -> str:
    """Any JSON value on one line, clipped."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escaped(text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…")


def _facets(data: Any) -> dict[str, str]:
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        return {"value": short(data)}
    found = {}
    for key, value in data.items():
        name = str(key)
        if name in ("uid", "gid"):
            found["owner"] = f"{short(data.get('uid', '?'))}:{short(data.get('gid', '?'))}"
        elif name in _WORDS and is_number(value):
            found[_NAMES.get(name, name)] = _WORDS[name](value)
        elif name == "content" and isinstance(value, str) and value:
            found["content"] = f"sha256:{escaped(value)[:16]}"
        elif name == "xattrs":
            found.update(_xattrs(value))
        elif value not in (None, "", [], {}):
            found[name] = short(value)
    return found


def _xattrs(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, Mapping) else value
    try:
        return {f"xattr {short(name)}": short(content) for name, content in pairs}
    except (TypeError, ValueError):
        return {"xattrs": short(value)}


def _moment(nanoseconds: int) -> str:
    # 64 bits of nanoseconds lie within what a calendar knows.
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:09d}Z"


def is_number(value: Any) -> bool:
    """Whether it is an integer as file systems have them."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**64


# What goes without saying of something that is new, or gone.
_USUAL = {"kind": "file", "nlink": "1"}
_NAMES = {"mtime_ns": "mtime"}
_WORDS = {"mode": lambda mode: f"{mode:04o}", "size": size_text, "mtime_ns": _moment}

"""Whether two entries are the same, facet by facet.

Two facets have rules of their own. A folder's mtime never tells it apart: it changes with every work of others in the
folder (`plan.py` says when it is restored). And a file's number of links may be the one that was seen, or the one that
its links within the workspace make: links from outside are parted from, never written through.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from sandbox.effects.files.entry import Entry

_FACETS = tuple(each.name for each in fields(Entry) if each.name not in ("links", "nlink"))
# What can be set of a file or folder that stays as it is.
DRESS = ("mode", "uid", "gid", "xattrs", "mtime_ns")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Unlike:
    """A facet, and both of its values as text."""

    facet: str
    expected: str
    found: str


def unlike(expected: Entry | None, found: Entry | None, *, links: bool = True) -> list[Unlike]:
    """How `found` differs. `links` of them are not compared here: one entry does not know them; their number is."""
    if expected is None or found is None:
        return [] if expected is found else [Unlike("kind", _kind(expected), _kind(found))]
    if expected.kind != found.kind:
        return [Unlike("kind", expected.kind, found.kind)]
    different = [
        Unlike(name, _shown(name, getattr(expected, name)), _shown(name, getattr(found, name)))
        for name in _FACETS
        if getattr(expected, name) != getattr(found, name) and (name, found.kind) != ("mtime_ns", "dir")
    ]
    if links and found.kind != "dir" and found.nlink not in (expected.nlink, len(expected.links) + 1):
        different.append(Unlike("nlink", str(expected.nlink), str(found.nlink)))
    return different


def same(expected: Entry | None, found: Entry | None, *, links: bool = True) -> bool:
    """Whether nothing is unlike; says no at the first facet."""
    if expected is None or found is None or expected == found:
        return expected is found or expected == found
    folder = found.kind == "dir"
    for name in _FACETS:
        if getattr(expected, name) != getattr(found, name) and not (folder and name == "mtime_ns"):
            return False
    return folder or not links or found.nlink in (expected.nlink, len(expected.links) + 1)


def same_stuff(one: Entry, other: Entry) -> bool:
    """Whether one can become the other without another inode: a folder stays one, a file keeps its bytes."""
    if one.kind != other.kind or one.kind not in ("file", "dir"):
        return False
    return (one.content, one.size, one.holes) == (other.content, other.size, other.holes)


def dressed_alike(one: Entry, other: Entry) -> bool:
    """Whether owner, mode, xattrs and mtime are equal; the mtime of a folder, too."""
    return all(getattr(one, name) == getattr(other, name) for name in DRESS)


def has_links_outside(entry: Entry) -> bool:
    """Whether the file has names that are not in the workspace."""
    return entry.kind != "dir" and entry.nlink > len(entry.links) + 1


def _kind(entry: Entry | None) -> str:
    return entry.kind if entry else "nothing"


def _shown(name: str, value: object) -> str:
    if name == "mode" and isinstance(value, int):
        return f"{value:04o}"
    text = value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
    if name == "content":
        return text[:12]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

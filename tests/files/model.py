"""Changes applied to a model of a tree: a plain mapping from paths to entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sandbox.effects.files.entry import Change, Entry

State = Mapping[bytes, Entry]


def applied(before: State, changes: Sequence[Change]) -> dict[bytes, Entry]:
    """The state that the changes lead to. Fails where a change's `pre` is not what is there."""
    after = dict(before)
    for change in changes:
        if change.moved_from is not None:
            old = change.moved_from
            assert before[old] == change.pre
            assert change.path not in before
            for path in [each for each in after if each == old or each.startswith(old + b"/")]:
                after[change.path + path[len(old) :]] = after.pop(path)
            after = {path: _relinked(entry, old, change.path) for path, entry in after.items()}
    for change in changes:
        if change.moved_from is None:
            found = after.get(change.path)
            # A rename elsewhere may have given one of its other names a new path.
            assert (found and replace(found, links=())) == (change.pre and replace(change.pre, links=()))
        if change.post is None:
            after.pop(change.path, None)
        else:
            after[change.path] = change.post
    return after


def _relinked(entry: Entry, old: bytes, new: bytes) -> Entry:
    if not any(link.startswith(old + b"/") for link in entry.links):
        return entry
    links = [new + link[len(old) :] if link.startswith(old + b"/") else link for link in entry.links]
    return replace(entry, links=tuple(sorted(links)))

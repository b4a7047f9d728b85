"""A change of a file as an effect, in JSON, and back: exact, whatever bytes a name is made of."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, get_args

from sandbox.effects.files.entry import Change, Entry, Kind
from sandbox.model.effects import Class, Effect, Json

BACKEND = "files"
_KINDS = frozenset(get_args(Kind))
# The largest whole number that canonical JSON (RFC 8785) carries exactly; larger ones are written as text.
_LARGEST = (1 << 53) - 1


def to_effect(change: Change) -> Effect:
    """The effect that tells of `change`. `op` is create, modify, delete or rename.

    `pre` and `post` hold the entry and its exact path; a renamed folder's `pre` holds the path that it came from.
    """
    if change.moved_from is not None:
        op, before = "rename", change.moved_from
    else:
        op = "create" if change.pre is None else "delete" if change.post is None else "modify"
        before = change.path
    pre, post = _state(before, change.pre), _state(change.path, change.post)
    # Whoever listened at a socket is gone once its name is.
    residue = ("nobody listens at the socket",) if change.pre is not None and change.pre.kind == "socket" else ()
    return Effect(resource(change.path), op, pre, post, Class.RESIDUE if residue else Class.REVERSIBLE, residue)


def from_effect(effect: Effect) -> Change:
    """The change that `to_effect` was given. Raises KeyError, ValueError, TypeError for anything else."""
    pre, post = _entry(effect.pre), _entry(effect.post)
    state = effect.post if effect.post is not None else effect.pre
    path = from_name(state["path"])
    moved = from_name(effect.pre["path"]) if effect.op == "rename" else None
    return Change(path, pre, post, moved)


def resource(path: bytes) -> str:
    """How a path is called in effects and differences: what is no UTF-8 stands as `\\xNN`."""
    return f"{BACKEND}:{path.decode(errors='backslashreplace')}"


def is_only_a_folders_time(effect: Effect) -> bool:
    """Whether it says no more of a folder than that something came into it or went: that is an effect of its own."""
    pre, post = effect.pre, effect.post
    if not isinstance(pre, dict) or not isinstance(post, dict) or pre.get("kind") != "dir" or post.get("kind") != "dir":
        return False
    return _without_time(pre) == _without_time(post)


def to_name(name: bytes) -> Json:
    """Bytes as text where they are UTF-8; else in base64, beside text that can be read."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return {"text": name.decode(errors="backslashreplace"), "base64": base64.b64encode(name).decode()}


def from_name(data: Json) -> bytes:
    """What `to_name` was given. Raises KeyError, ValueError, TypeError for anything else."""
    if isinstance(data, str):
        return data.encode()
    return base64.b64decode(data["base64"], validate=True)


def _without_time(state: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in state.items() if key not in ("mtime_ns", "nlink", "size")}


def _state(path: bytes, entry: Entry | None) -> Json:
    if entry is None:
        return None
    found: dict[str, Json] = {
        "path": to_name(path),
        "kind": entry.kind,
        "mode": entry.mode,
        "uid": entry.uid,
        "gid": entry.gid,
        "mtime_ns": str(entry.mtime_ns),
    }
    if entry.kind == "file":
        found |= {"size": _number(entry.size), "content": entry.content}
    if entry.kind == "symlink":
        found["target"] = to_name(entry.target)
    if entry.xattrs:
        found["xattrs"] = [[to_name(name), base64.b64encode(value).decode()] for name, value in entry.xattrs]
    if entry.holes:
        found["holes"] = [[_number(start), _number(length)] for start, length in entry.holes]
    if entry.links:
        found["links"] = [to_name(link) for link in entry.links]
    if entry.nlink != 1:
        found["nlink"] = entry.nlink
    return found


def _entry(data: Mapping[str, Any] | None) -> Entry | None:
    if data is None:
        return None
    if data["kind"] not in _KINDS:
        raise ValueError(f"{data['kind']!r} is no kind of entry")
    return Entry(
        kind=data["kind"],
        mode=int(data["mode"]),
        uid=int(data["uid"]),
        gid=int(data["gid"]),
        mtime_ns=int(data["mtime_ns"]),
        size=int(data.get("size", 0)),
        xattrs=tuple(
            (from_name(name), base64.b64decode(value, validate=True)) for name, value in data.get("xattrs", ())
        ),
        content=str(data.get("content", "")),
        target=from_name(data.get("target", "")),
        holes=tuple((int(start), int(length)) for start, length in data.get("holes", ())),
        links=tuple(from_name(link) for link in data.get("links", ())),
        nlink=int(data.get("nlink", 1)),
    )


def _number(value: int) -> Json:
    return value if abs(value) <= _LARGEST else str(value)

"""Lists of effects, as JSON lines in the blob store: the journal holds their digest, and so covers every byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from sandbox.effects.blobs import Blobs
from sandbox.model.effects import Class, Effect, Json

# Bytes of effects that a record holds itself.
_INLINE = 1 << 14
_DIGEST = re.compile(r"[0-9a-f]{64}")


def store(blobs: Blobs, effects: Iterable[Effect]) -> str:
    """The digest under which the list lies. Empty for no effects. Raises QuotaError."""
    # The bytes that a backend stores for its own recovery, so that the store has them once.
    text = "".join(f"{json.dumps(effect.to_json(), separators=(',', ':'))}\n" for effect in effects)
    return blobs.put_bytes(text.encode()) if text else ""


def load(blobs: Blobs, digest: str) -> list[Effect]:
    """Reads a list. Raises FileNotFoundError when it was let go, SpoiltError."""
    if not digest:
        return []
    return [Effect.from_json(json.loads(line)) for line in blobs.read(digest).splitlines()]


def to_note(blobs: Blobs, effects: Sequence[Effect]) -> dict[str, Json]:
    """What a backend notes of effects that it begins to lead: themselves, or what they lie under, durable."""
    lines = [effect.to_json() for effect in effects]
    if sum(len(json.dumps(line)) for line in lines) <= _INLINE:
        return {"list": lines}
    digest = store(blobs, effects)
    blobs.barrier()
    return {"effects": digest}


def from_note(blobs: Blobs, begun: Mapping[str, Json]) -> list[Effect]:
    """What `to_note` was given. Raises as `load` does."""
    if "list" in begun:
        return [Effect.from_json(each) for each in begun["list"]]
    return load(blobs, begun["effects"])


def worst(effects: Iterable[Effect]) -> Class:
    """The class of an action with these effects."""
    return max((effect.cls for effect in effects), default=Class.PURE)


def contents(effects: Iterable[Effect]) -> set[str]:
    """Digests of all that the effects refer to in the store."""
    return digests([side for effect in effects for side in (effect.pre, effect.post, effect.inverse)])


def digests(value: Json) -> set[str]:
    """Every string that could be a digest: what is kept in vain costs space, what is dropped in vain costs an undo."""
    if isinstance(value, str):
        return {value} if _DIGEST.fullmatch(value) else set()
    if isinstance(value, Mapping):
        value = list(value.values())
    return set().union(*map(digests, value)) if isinstance(value, (list, tuple)) else set()

"""Lists of effects, as JSON lines in the blob store: the journal holds their digest, and so covers every byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from sandbox.effects.blobs import Blobs
from sandbox.model.effects import Class, Effect, Json


def store(blobs: Blobs, effects: Iterable[Effect]) -> str:
    """The digest under which the list lies. Empty for no effects. Raises QuotaError."""
    text = "\n".join(json.dumps(effect.to_json(), sort_keys=True, separators=(",", ":")) for effect in effects)
    return blobs.put_bytes(text.encode()) if text else ""


def load(blobs: Blobs, digest: str) -> list[Effect]:
    """Reads a list. Raises FileNotFoundError when it was let go, ValueError when it is spoilt."""
    if not digest:
        return []
    return [Effect.from_json(json.loads(line)) for line in blobs.read(digest).split(b"\n")]


def worst(effects: Iterable[Effect]) -> Class:
    """The class of an action with these effects."""
    return max((effect.cls for effect in effects), default=Class.PURE)


def contents(effects: Iterable[Effect]) -> set[str]:
    """Digests of all that the effects refer to in the store."""
    return {
        found for effect in effects for side in (effect.pre, effect.post, effect.inverse) for found in digests(side)
    }


def digests(value: Json) -> Iterator[str]:
    """Every string that could be a digest: what is kept in vain costs space, what is dropped in vain costs an undo."""
    if isinstance(value, str):
        if len(value) == 64 and all(char in "0123456789abcdef" for char in value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from digests(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from digests(each)

"""Which actions stand on which: who wrote, after an action, what it wrote, too. Pure.

Edges (`docs/undo.md`): the same resource; a path below a folder that the other made, removed or moved; the same row; a
URL below one that the other made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.effects.files.effects import is_only_a_folders_time
from sandbox.model.effects import Effect

# An effect on a folder that only says that something was put into it or taken out.
_STRUCTURAL = frozenset({"create", "delete", "rename"})


@dataclass(frozen=True, slots=True)
class Written:
    """A committed action, in the order of commits, and what it wrote."""

    action: str
    effects: Sequence[Effect]


def later_writers(action: str, history: Sequence[Written]) -> list[str]:
    """Actions after `action` that stand on it, directly or through others, in the order of their commits.

    None for one that is not in the history: nothing of it was committed for others to stand on.
    """
    position = next((number for number, written in enumerate(history) if written.action == action), None)
    if position is None or position == len(history) - 1:
        return []
    tainted = [_Footprint.of(history[position].effects)]
    found = []
    for written in history[position + 1 :]:
        footprint = _Footprint.of(written.effects)
        if any(footprint.meets(earlier) for earlier in tainted):
            tainted.append(footprint)
            found.append(written.action)
    return found


@dataclass(frozen=True, slots=True)
class _Footprint:
    """What a list of effects touches. `structural`: paths whose coming, going or moving others depend on."""

    touched: frozenset[str]
    structural: frozenset[str]

    @classmethod
    def of(cls, effects: Iterable[Effect]) -> _Footprint:
        touched: set[str] = set()
        structural: set[str] = set()
        for effect in effects:
            if is_only_a_folders_time(effect):
                continue
            names = {effect.resource, *_moved_from(effect)}
            touched |= names
            if effect.op in _STRUCTURAL:
                structural |= names
        return cls(frozenset(touched), frozenset(structural))

    def meets(self, other: _Footprint) -> bool:
        if not self.touched.isdisjoint(other.touched):
            return True
        return _any_below(self.touched, other.structural) or _any_below(other.touched, self.structural)


def _any_below(names: frozenset[str], above: frozenset[str]) -> bool:
    return any(parent in above for name in names for parent in _parents(name))


def _parents(resource: str) -> Iterable[str]:
    backend, _, path = resource.partition(":")
    while "/" in path:
        path = path.rpartition("/")[0]
        yield f"{backend}:{path}"


def _moved_from(effect: Effect) -> Iterable[str]:
    if effect.op != "rename" or not isinstance(effect.pre, dict):
        return []
    name = effect.pre.get("path")
    return [f"{effect.backend}:{name['text'] if isinstance(name, dict) else name}"]

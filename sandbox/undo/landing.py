"""Whose work it is that lies there now: what later transitions made in the place of what an earlier one had made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.effects import BACKEND, from_name, resource
from sandbox.effects.files.landed import from_landed, to_landed
from sandbox.effects.lists import load
from sandbox.journal.record import Record
from sandbox.model.effects import Effect, Json, Side
from sandbox.undo.lead import other


def landed_now(
    landed: Mapping[str, Json], effects: Sequence[Effect], later: Iterable[Record], blobs: Blobs
) -> Mapping[str, Json]:
    """`landed` of an action, with the inodes that later transitions left at its paths, in the order of `later`.

    An action that was undone has made its pre-images anew: they are other inodes than those that it found, and ours
    all the same. Folders that were moved meanwhile took along what is in them, and may have been made anew elsewhere.
    """
    noted = landed.get(BACKEND)
    if not isinstance(noted, Mapping):
        return landed
    side: Side = noted["side"]
    own = [effect for effect in effects if effect.backend == BACKEND]
    marks = dict(from_landed(noted, side, len(own), blobs) or {})
    places = [_place(effect, side) for effect in own]
    numbers = {place: number for number, place in enumerate(places)}
    changed = False
    for record in later:
        found = record.body.get("landed", {}).get(BACKEND)
        if not isinstance(found, Mapping) or not record.body.get("effects"):
            continue
        try:
            theirs = [effect for effect in load(blobs, record.body["effects"]) if effect.backend == BACKEND]
            left = from_landed(found, found["side"], len(theirs), blobs) or {}
        except FileNotFoundError:
            # It was let go: what it left is told from other work by its state alone.
            continue
        moves = _moves(theirs, found["side"])
        if moves:
            places = [_moved(place, moves) for place in places]
            numbers = {place: number for number, place in enumerate(places)}
        for number, mark in left.items():
            mine = numbers.get(_place(theirs[number], found["side"]))
            if mine is not None:
                marks[mine] = mark
                changed = True
    if not changed:
        return landed
    return {**landed, BACKEND: to_landed(side, [marks.get(number) for number in range(len(own))], blobs)}


def _place(effect: Effect, side: Side) -> str:
    """Where the effect's entry is at that side: a renamed folder was elsewhere before."""
    if side == "pre" and effect.op == "rename":
        return resource(from_name(effect.pre["path"]))
    return effect.resource


def _moves(effects: Sequence[Effect], side: Side) -> dict[str, str]:
    """Where renames that were led to that side took their entries from, and where to."""
    return {_place(effect, other(side)): _place(effect, side) for effect in effects if effect.op == "rename"}


def _moved(place: str, moves: Mapping[str, str]) -> str:
    """The place after them: that of the nearest folder above which was moved decides."""
    above = place
    while above not in moves:
        if "/" not in above:
            return place
        above = above.rpartition("/")[0]
    return moves[above] + place[len(above) :]

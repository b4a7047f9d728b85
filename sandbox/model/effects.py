"""What actions change: effects, their class, and how two states differ. Frozen data, stored as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

Json = Any
# The two states that an effect leads between: before the action, and after it.
Side = Literal["pre", "post"]


class Class(IntEnum):
    """How far an effect can be taken back, best first. An action's class is the worst of its effects'."""

    PURE = 0  # nothing left the action's own scratch space
    BUFFERED = 1  # held in a branch, a transaction or an outbox: dropping it is exact
    REVERSIBLE = 2  # its pre-image is durable: taken back exactly
    RESIDUE = 3  # taken back but for what `Effect.residue` names
    COMPENSATABLE = 4  # another call makes up for it; that may fail
    IRREVERSIBLE = 5
    UNKNOWN = 6  # not wholly captured: treated as irreversible


@dataclass(frozen=True, slots=True)
class Effect:
    """The smallest change to one resource.

    `resource`: what changed, as `files:src/a.py`, `sqlite:shop.db#orders/3`, `postgres:shop#public.orders/3`,
    `http:POST https://host/orders`. The part before the colon is the backend. Bytes that are no UTF-8 stand in it as
    `\\xNN`; the exact name is in `pre` and `post`.
    `pre`, `post`: the resource before and after, in the backend's own JSON; None where there was nothing. Large
    contents are in the blob store, under the digest that stands here.
    `inverse`: what takes it back, where writing `pre` is not enough (HTTP).
    """

    resource: str
    op: str
    pre: Json
    post: Json
    cls: Class
    residue: tuple[str, ...] = ()
    inverse: Json = None

    @property
    def backend(self) -> str:
        """The part of `resource` before its colon."""
        return self.resource.partition(":")[0]

    def to_json(self) -> dict[str, Json]:
        """As stored; `from_json` reads it."""
        found: dict[str, Json] = {
            "resource": self.resource,
            "op": self.op,
            "pre": self.pre,
            "post": self.post,
            "class": self.cls.name,
        }
        if self.residue:
            found["residue"] = list(self.residue)
        if self.inverse is not None:
            found["inverse"] = self.inverse
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Effect:
        """Reads what `to_json` wrote. Raises KeyError for anything else."""
        return cls(
            data["resource"],
            data["op"],
            data["pre"],
            data["post"],
            Class[data["class"]],
            tuple(data.get("residue", ())),
            data.get("inverse"),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A resource that is not as it should be: which facet, and both values, short enough to print."""

    resource: str
    facet: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.facet} is {self.found}, not {self.expected}"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of effects that were led to one side. All of them are there now, verified by looking again.

    `already`: how many were there before. `landed`: the backend's own note on what it made (inodes, versions), which
    it wants back, next time, to know its own work from somebody else's that looks the same.
    """

    written: int
    already: int = 0
    residue: tuple[str, ...] = ()
    landed: Json = None

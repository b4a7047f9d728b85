"""Which inodes a transition left: known again by number and time of birth, so that ours and a twin are told apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.kernel import birth
from sandbox.model.effects import Json, Side

_MARK = re.compile(r"(-)|([0-9]{1,20}):([0-9]{1,20}):([0-9]{1,20})")
# A longer text goes into the store, and the journal holds its digest.
_INLINE = 4096


@dataclass(frozen=True, slots=True)
class Mark:
    """An inode. Times in ns; `birth` is 0 where the file system does not know it, `ctime` where it proves nothing."""

    inode: int
    birth: int
    ctime: int

    def is_of(self, status: os.stat_result, parent: int, name: bytes) -> bool:
        """Whether `name` in the folder, whose status that is, is the inode. Raises OSError."""
        return status.st_ino == self.inode and (not self.birth or birth(parent, name) in (self.birth, 0))


Marks = Mapping[int, Mark | None]


def to_landed(side: Side, marks: Sequence[Mark | None], blobs: Blobs) -> Json:
    """As JSON, in the order of the effects. Raises QuotaError, OSError; the caller makes the store durable."""
    text = " ".join("-" if mark is None else f"{mark.inode}:{mark.birth}:{mark.ctime}" for mark in marks)
    if len(text) <= _INLINE:
        return {"side": side, "marks": text}
    return {"side": side, "blob": blobs.put_bytes(text.encode())}


def from_landed(landed: Mapping[str, Any] | None, side: Side, count: int, blobs: Blobs) -> Marks | None:
    """The marks of effects that come from `side`, by number; None where they are of the other one or unknown.

    Raises ValueError for what is not of `count` effects, FileNotFoundError where the store no longer has it.
    """
    if landed is None or landed["side"] != side:
        return None
    text = landed["marks"] if "marks" in landed else blobs.read(landed["blob"]).decode()
    found = dict(enumerate(_mark(each) for each in text.split(" ")))
    if len(found) != count:
        raise ValueError("what was noted as landed is of other effects")
    return found


def _mark(text: str) -> Mark | None:
    match = _MARK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} marks no inode")
    return None if match[1] else Mark(int(match[2]), int(match[3]), int(match[4]))

"""What an action printed, kept with its record, clipped; and contents, wherever they still are."""

from __future__ import annotations

import base64
import hashlib
import os
import stat

from sandbox.effects.blobs import Blobs
from sandbox.effects.files.read import open_beneath
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Json
from sandbox.model.outcome import Ended

CLIP = 16_384
_INLINE = 1_024


class Output:
    """Short output stands in the record itself, longer in the blob store."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def clip(self, ended: Ended) -> tuple[bytes, bytes]:
        """The first bytes of both streams."""
        return ended.stdout[:CLIP], ended.stderr[:CLIP]

    def body(self, ended: Ended) -> dict[str, Json]:
        """What of the record `executed` tells of it."""
        found: dict[str, Json] = {}
        for name, data in zip(("stdout", "stderr"), self.clip(ended), strict=True):
            if len(data) > _INLINE:
                found[f"{name}_blob"] = self._blobs.put_bytes(data)
            elif data:
                found[name] = base64.b64encode(data).decode()
        return found

    def of(self, state: ActionState) -> tuple[bytes, bytes]:
        """Both streams, as far as they are still there."""
        return self._stream(state, "stdout"), self._stream(state, "stderr")

    def _stream(self, state: ActionState, name: str) -> bytes:
        digest = state.executed.get(f"{name}_blob")
        if digest:
            return self._blobs.read(digest) if self._blobs.has(digest) else b""
        return base64.b64decode(state.executed.get(name, ""))


def found_content(blobs: Blobs, workspace: int, path: bytes, digest: str, most: int) -> bytes | None:
    """The bytes of a content: from the store, or, of what was not replaced yet, from the workspace itself."""
    try:
        return blobs.read(digest)
    except FileNotFoundError:
        pass
    except ValueError:
        return None
    try:
        fd = open_beneath(workspace, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        data = file.read(most + 1) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    return data if hashlib.sha256(data).hexdigest() == digest else None

"""Length-prefixed text over a stream socket: how the two sides of a split test talk."""

import os

_HEAD = 4
MAX_FRAME = 64 << 20


def send(fd: int, text: str) -> None:
    """One frame, whole."""
    data = text.encode()
    data = len(data).to_bytes(_HEAD, "big") + data
    while data:
        data = data[os.write(fd, data) :]


def receive(fd: int) -> "str | None":
    """One frame, or None when the other side is gone or writes what is no frame."""
    head = _exactly(fd, _HEAD)
    if head is None:
        return None
    size = int.from_bytes(head, "big")
    if size > MAX_FRAME:
        return None
    body = _exactly(fd, size)
    return None if body is None else body.decode(errors="replace")


def _exactly(fd: int, size: int) -> "bytes | None":
    parts = []
    while size:
        try:
            part = os.read(fd, min(size, 1 << 20))
        except OSError:
            return None
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

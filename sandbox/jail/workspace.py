"""What the server hands a cell that acts on a workspace, and the way out that it is handed back."""

from __future__ import annotations

import array
import socket
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.model.outcome import JailFault

# More than one would be a lie; the kernel closes what has no room.
_ROOM = socket.CMSG_SPACE(array.array("i").itemsize)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A branch to act on, and as whom.

    `mount`: a detached mount, of fsmount(2) or open_tree(2). The cell gets a descriptor of its own; this one stays the
    caller's to close. It can be attached once only, so it is good for one run.
    `uid`, `gid`: ids as they are in the workspace, below `ACTION_INIT_ID`.
    `on_listener` is called once, before the run ends, with a socket that listens inside the jail, unless the cell fails
    first; whoever is called owns it, and it does not block.
    Its network namespace lives as long as the socket does, and leads nowhere else.
    """

    mount: int
    uid: int
    gid: int
    on_listener: Callable[[socket.socket], None] | None = None


def receive(control: socket.socket, size: int) -> tuple[bytes, list[int]]:
    """A datagram, and the descriptor that came with it, if one did. The caller closes it. Raises OSError."""
    data, ancillary, _, _ = control.recvmsg(size, _ROOM, socket.MSG_CMSG_CLOEXEC)
    came: list[int] = []
    for level, kind, payload in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            came.extend(array.array("i", payload))
    return data, came


def listener(came: list[int]) -> socket.socket:
    """The descriptor that came, taken out of the list, if it is a TCP socket that listens. Raises JailFault."""
    if len(came) != 1:
        raise JailFault("the init sent a listener without a socket")
    try:
        taken = socket.socket(fileno=came[0])
    except OSError as error:
        raise JailFault("the init sent a listener that is no socket") from error
    came.clear()
    if (
        taken.family != socket.AF_INET
        or taken.type != socket.SOCK_STREAM
        or not taken.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    ):
        taken.close()
        raise JailFault("the init sent a listener that does not listen on TCP")
    taken.setblocking(False)
    return taken

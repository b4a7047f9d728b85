"""Channels and fork: gRPC's threads do not live on in a child, and a channel that was open at the fork hangs there.

The synchronous client closes its channels before a fork when nothing is in flight (`background.py`). Where any was open
all the same, the child is told so, in place of waiting for ever.
"""

from __future__ import annotations

import gc
import os
import weakref

import grpc

from sandbox.errors import SandboxError

_channels: weakref.WeakSet[grpc.aio.Channel] = weakref.WeakSet()
_remains = False
_inherited = False


def check() -> None:
    """Raises SandboxError in a child that was forked while a channel was open."""
    if _inherited:
        raise SandboxError(
            "this process was forked while its parent had a connection to a server open",
            why="gRPC does not work in such a process",
            fix="start it with the method 'spawn' or 'forkserver', or close the client before the fork",
        )


def opened(channel: grpc.aio.Channel) -> grpc.aio.Channel:
    """Remembers a channel for as long as it exists."""
    global _remains
    _remains = True
    _channels.add(channel)
    return channel


def settle() -> None:
    """Frees the finished calls of closed channels: they refer to each other, and keep gRPC's threads alive."""
    global _remains
    if _remains:
        gc.collect()
        _remains = len(_channels) > 0


def _in_child() -> None:
    global _inherited
    _inherited = _inherited or _remains


os.register_at_fork(before=settle, after_in_child=_in_child)

"""Branches of a workspace: what an action changes there nobody sees, until it is looked at and let out.

| backend | how | costs | what it cannot do |
|---|---|---|---|
| overlay | overlayfs, users mapped; needs root | the same for any workspace | see `limits` |
| reflink | a copy that shares its blocks; needs root, and a file system such as btrfs or xfs | each entry | |
| copy | a copy; needs root | each byte | |

A backend is chosen by doing: a branch is made and what tells good ones from bad ones is tried in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.collected import Collected
from sandbox.effects.branches.copies import CopyBranches
from sandbox.effects.branches.overlay import OverlayBranches
from sandbox.errors import SetupError
from sandbox.model.plan import ACTION_IDS

Backend = Literal["overlay", "reflink", "copy"]


class Branch(Protocol):
    """A workspace as one action, or one line of actions, may change it. Whatever ran in it is dead when it is read.

    `mount`: a descriptor of a mount that is nowhere yet, owned by the branch: whoever runs the action moves it into a
    mount namespace of the action's (move_mount(2)), once. nosuid, nodev. Owners in it are `ids` on top of the
    workspace's: to be seen from a user namespace that maps them. `limits`: what the backend cannot do, for receipts.
    """

    backend: str
    limits: tuple[str, ...]

    @property
    def mount(self) -> int:
        """See above."""

    def again(self) -> int:
        """The same for a further action in the same branch; `mount` is this one from now on. Raises OSError."""

    def collect(
        self, blobs: Blobs | None = None, previous: Collected | None = None, *, moves: bool = True
    ) -> Collected:
        """What changed; contents that are new go into `blobs`. `previous`: since that collection of this branch.

        Without `moves`, as with `previous`, renamed folders come as deletions and creations. Raises UnsupportedError
        for what cannot be recorded, by name; QuotaError for more than `inodes` of it; OSError.
        """

    def untouched(self) -> bool:
        """Whether its layer is known to hold no name: `collect` then takes too little for a thread of its own."""

    def open(self, path: bytes) -> int:
        """A descriptor to read a file or folder of the branch from. Raises OSError; ELOOP for a link."""

    def read(self, path: bytes, most: int) -> bytes:
        """At most `most` bytes of a file of the branch. Raises OSError."""

    def fork(self, count: int) -> Sequence[Branch]:
        """`count` branches that start from this one, which can no longer be used but to discard it. Raises OSError."""

    def discard(self) -> None:
        """Throws it away: soon, and without waiting for it. A second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Branches(Protocol):
    """Opens branches of one workspace."""

    backend: str
    limits: tuple[str, ...]

    def open(self, size: int, inodes: int) -> Branch:
        """A branch in which at most `size` bytes and `inodes` entries may be written. Raises OSError."""

    def close(self) -> None:
        """Gives back what it holds; branches that are open stay so."""


def open_branches(
    workspace: Path | int, *, ids: int = ACTION_IDS, disk: Path | None = None, backend: Backend | None = None
) -> Branches:
    """The best backend that works here, or the one that is asked for.

    `workspace`: its path, or a descriptor, which stays the caller's. `disk`: a folder for the writable sides, instead
    of memory. Raises SetupError where none works, with what each one's probe found; OSError.
    """
    root = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if isinstance(workspace, Path) else workspace
    makers: dict[Backend, Callable[[], Branches]] = {
        "overlay": lambda: OverlayBranches(root, ids, disk),
        "reflink": lambda: CopyBranches(root, ids, disk, reflink=True),
        "copy": lambda: CopyBranches(root, ids, disk),
    }
    refusals = []
    try:
        for name, make in makers.items():
            if backend in (None, name):
                try:
                    return make()
                except (OSError, SetupError) as error:
                    refusals.append(f"{name}: {error}")
    finally:
        if isinstance(workspace, Path):
            os.close(root)
    raise SetupError("no branch of the workspace can be made", why="; ".join(refusals), fix="run the server as root")

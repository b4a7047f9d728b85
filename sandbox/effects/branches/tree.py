"""What all backends' branches have in common: reading beneath, and being thrown away."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from sandbox.effects.branches.mounts import view
from sandbox.effects.branches.scratch import Scratch
from sandbox.effects.branches.trash import throw_away
from sandbox.effects.files.read import open_beneath


class Tree(ABC):
    """A branch's tree. `master` is the mount that it is read through, and is never mounted anywhere."""

    backend: str

    def __init__(self, master: int, scratch: Scratch, limits: tuple[str, ...]) -> None:
        self.limits = limits
        self._master, self._scratch = master, scratch
        self._mount = -1
        self._discarded = False

    @property
    def mount(self) -> int:
        """A descriptor of a mount that is nowhere yet; the branch closes it."""
        return self._mount if self._mount >= 0 else self.again()

    def again(self) -> int:
        """A further one, for a further action. Raises OSError."""
        further = view(self._master)
        if self._mount >= 0:
            os.close(self._mount)
        self._mount = further
        return further

    def untouched(self) -> bool:
        """Whether nothing can have been made or changed in it but its root; False where that is not known."""
        return False

    def open(self, path: bytes) -> int:
        """A descriptor to read from, beneath the branch's root. Raises OSError."""
        return open_beneath(self._master, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)

    def read(self, path: bytes, most: int) -> bytes:
        """At most `most` bytes. Raises OSError."""
        with os.fdopen(self.open(path), "rb") as file:
            return file.read(most)

    @abstractmethod
    def _held(self) -> list[int]:
        """Further descriptors that go with it."""

    def discard(self) -> None:
        """Throws it away."""
        if self._discarded:
            return
        self._discarded = True
        descriptors = [each for each in (self._mount, self._master, *self._held(), self._scratch.root) if each >= 0]
        throw_away(descriptors, self._scratch.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

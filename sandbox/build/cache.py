"""A content-addressed cache of builds: bounded by bytes, least recently used first out, written by the server only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.model.plan import File

_END_OF_MESSAGES = b"\0"
_CHECK = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: a program, or the compiler's messages and none. Times in milliseconds."""

    program: bytes
    messages: str
    wall_ms: float
    cpu_ms: float
    cached: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is a program to run."""
        return bool(self.program)


def build_key(command: Sequence[str], version: str, headers: str, files: Sequence[File]) -> str:
    """Everything that a build's result depends on."""
    digest = hashlib.sha256()
    for part in (*command, version, headers):
        digest.update(f"{len(part)}:{part}".encode())
    for file in files:
        digest.update(f"|{len(file.path)}:{file.path}:{len(file.data)}:{file.executable}|".encode())
        digest.update(file.data)
    return digest.hexdigest()


class BuildCache:
    """Programs by key, on disk. Failed builds are not kept: their limits depend on the machine's mood."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(folder.glob("*.bin"), key=lambda path: path.stat().st_mtime):
            self._count(path.stem, path.stat().st_size)

    def get(self, key: str) -> Built | None:
        """What an earlier build made, or None."""
        if key not in self._sizes:
            return None
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            data = b""
        check, body = data[:_CHECK], data[_CHECK:]
        if check != hashlib.sha256(body).digest():  # gone, damaged, or of an older format
            self._total -= self._sizes.pop(key)
            return None
        self._sizes.move_to_end(key)
        messages, _, program = body.partition(_END_OF_MESSAGES)
        return Built(program, messages.decode(errors="replace"), 0.0, 0.0, cached=True)

    def put(self, key: str, built: Built) -> None:
        """Keeps a program and its compiler's messages; a crash in the middle leaves no entry."""
        body = built.messages.replace("\0", "").encode() + _END_OF_MESSAGES + built.program
        data = hashlib.sha256(body).digest() + body
        handle, name = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(self._path(key))
        self._count(key, len(data))
        while self._total > self._max_bytes and len(self._sizes) > 1:
            oldest, size = self._sizes.popitem(last=False)
            self._total -= size
            with contextlib.suppress(FileNotFoundError):
                self._path(oldest).unlink()

    def _count(self, key: str, size: int) -> None:
        self._total += size - self._sizes.pop(key, 0)
        self._sizes[key] = size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.bin"

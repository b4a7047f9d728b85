"""A journal as one file that can leave the machine: its records' canonical bytes, a line each, then its checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sandbox.journal.canonical import MAX_BYTES, RecordError

_CHECKPOINT = b'{"checkpoint":'


def write_archive(file: BinaryIO, records: Iterable[bytes], checkpoints: Iterable[str]) -> int:
    """Writes both. How many records there were. No secret goes along: records hold commitments only."""
    count = 0
    for data in records:
        file.write(data + b"\n")
        count += 1
    for note in checkpoints:
        file.write(_CHECKPOINT + json.dumps(note).encode() + b"}\n")
    return count


def archived_records(path: Path) -> Iterator[bytes]:
    """The records' bytes, as they stand there. Raises RecordError for lines that are too long or cut off, OSError."""
    with path.open("rb") as file:
        for line in _lines(file):
            if not line.startswith(_CHECKPOINT):
                yield line


def archived_checkpoints(path: Path) -> Iterator[str]:
    """The signed checkpoints. Raises RecordError, OSError."""
    with path.open("rb") as file:
        for line in _lines(file):
            if line.startswith(_CHECKPOINT):
                try:
                    yield str(json.loads(line)["checkpoint"])
                except (ValueError, RecursionError, KeyError, TypeError) as error:
                    raise RecordError("a line of the archive is no checkpoint", why=str(error)) from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    number = 0
    while line := file.readline(MAX_BYTES + 2):
        number += 1
        if not line.endswith(b"\n"):
            raise RecordError(f"line {number} of the archive is cut off or too long")
        yield line[:-1]

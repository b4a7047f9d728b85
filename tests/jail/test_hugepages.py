"""Program files that ask the loader for a place on a boundary of 2 MiB."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from sandbox.jail.hugepages import prepare
from sandbox.runtimes import find_python

HUGE = 2 << 20
LOAD = 1


def loads(path: Path) -> list[tuple[int, ...]]:
    """(offset, address, alignment) of each segment that is loaded, after the System V ABI."""
    data = path.read_bytes()
    offset, size, count = (*struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54))
    segments = [struct.unpack_from("<IIQQQQQQ", data, offset + number * size) for number in range(count)]
    return [(each[2], each[3], each[7]) for each in segments if each[0] == LOAD]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    python = find_python("@server")
    return Path(shutil.copyfile(python.shared or python.binary, tmp_path / "program"))


def test_every_segment_that_can_be_moved_asks_for_a_boundary(program: Path) -> None:
    before = loads(program)
    prepare(program)
    for (offset, address, was), (_, _, now) in zip(before, loads(program), strict=True):
        assert now == (HUGE if (address - offset) % HUGE == 0 else was)
    assert any(align == HUGE for _, _, align in loads(program))


def test_nothing_else_of_the_file_changes(program: Path) -> None:
    before = program.read_bytes()
    prepare(program)
    changed = [at for at, (old, new) in enumerate(zip(before, program.read_bytes(), strict=True)) if old != new]
    headers = 64 + 56 * struct.unpack_from("<H", before, 56)[0]
    assert changed
    assert max(changed) < headers


@pytest.mark.parametrize("content", [b"#!/bin/sh\n", b"\x7fELF\x02\x01" + bytes(100), b"x" * (HUGE + 5)])
def test_what_is_no_large_program_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    prepare(file)
    assert file.read_bytes() == content

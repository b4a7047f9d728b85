"""An archive: what left the machine as one file, and what is found of what was done to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.journal.archive import write_archive
from sandbox.journal.journal import Journal
from sandbox.journal.verify import verify
from tests.journal.victim import (
    COUNT,
    Victim,
)


@pytest.fixture
def archive(victim: Victim, tmp_path: Path) -> Path:
    path = tmp_path / "archive.jsonl"
    with Journal(victim.folder) as journal, path.open("wb") as file:
        assert journal.archive(file) == COUNT
    return path


def test_an_archive_verifies_with_the_public_key_alone(archive: Path, victim: Victim) -> None:
    report = verify(archive, checkpoint=victim.early, vkey=victim.vkey)
    assert report.ok, report.findings
    assert (report.size, report.signed, report.checkpoints, report.seals) == (COUNT, COUNT, 3, False)


def test_without_any_key_no_signature_is_believed(archive: Path) -> None:
    report = verify(archive)
    assert (report.ok, report.signed, report.vkey) == (True, 0, "")


ARCHIVES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], set[str]]] = {
    "a line is edited": (lambda lines: [*lines[:99], lines[99].replace(b'"n":99', b'"n":98'), *lines[100:]],
                         {"rewritten", "forked"}),
    "a line is deleted": (lambda lines: lines[:99] + lines[100:], {"deleted"}),
    "a line is there twice": (lambda lines: lines[:99] + lines[50:51] + lines[99:], {"inserted"}),
    "two lines change places": (lambda lines: [lines[1], lines[0], *lines[2:]], {"reordered"}),
    "the last records are missing": (lambda lines: lines[:500] + lines[COUNT:], {"truncated"}),
    "the end is missing": (lambda lines: lines[:500], {"truncated"}),
    "a line is cut off": (lambda lines: [*lines[:400], lines[400][:-5]], {"truncated"}),
    "a checkpoint is edited": (lambda lines: [*lines[:-1], lines[-1].replace(b"600", b"599")], {"signature"}),
    "a checkpoint is no string": (lambda lines: [*lines, b'{"checkpoint":[}\n'], {"truncated"}),
}  # fmt: skip


@pytest.mark.parametrize("change", ARCHIVES)
def test_what_was_done_to_an_archive_is_named(archive: Path, victim: Victim, change: str) -> None:
    act, expected = ARCHIVES[change]
    archive.write_bytes(b"".join(act(archive.read_bytes().splitlines(keepends=True))))
    report = verify(archive, checkpoint=victim.note, vkey=victim.vkey)
    assert {finding.name for finding in report.findings} == expected


def test_an_archive_with_endless_lines_is_read_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"x" * (8 << 20))
    assert [finding.name for finding in verify(path).findings] == ["truncated"]


def test_an_archive_holds_records_as_they_were_hashed(victim: Victim, tmp_path: Path) -> None:
    path = tmp_path / "two"
    with path.open("wb") as file:
        assert write_archive(file, [b"{}"], ["note\n"]) == 1
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [{}, {"checkpoint": "note\n"}]

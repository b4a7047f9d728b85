"""Signed notes: what is believed, and what is not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from sandbox.journal.note import Checkpoint, NoteError, Signer, Verifier, load_signer, new_key, parse

SIGNER = Signer(new_key("example.org/log"))
OTHER = Signer(new_key("example.org/log"))
TEXT = Checkpoint("example.org/log", 7, bytes(range(32))).text()
NOTE = SIGNER.sign(TEXT)


def test_a_checkpoint_comes_back_from_its_note() -> None:
    assert SIGNER.verifier.checkpoint(NOTE) == Checkpoint("example.org/log", 7, bytes(range(32)))
    assert Verifier(SIGNER.verifier.vkey).open(NOTE) == TEXT


# The example of Go's golang.org/x/mod/sumdb/note: keys, text and signature are its documentation's.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_is_opened() -> None:
    assert Verifier(PETER).open(PETERS).startswith("If you think")


def test_signatures_of_witnesses_are_passed_over() -> None:
    line = OTHER.sign(TEXT).rpartition("\n\n")[2].replace("example.org/log", "witness.example")
    assert SIGNER.verifier.open(NOTE + line) == TEXT
    text, _, own = NOTE.rpartition("\n\n")
    assert SIGNER.verifier.open(f"{text}\n\n{line}{own}") == TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— example.org/log ", "— example.org/log"),
        NOTE + "\n",
        NOTE + "junk\n",
        NOTE + "— x y\n",
        OTHER.sign(TEXT),
        NOTE.replace("example.org/log", "example.org/other"),
        NOTE + "— w AAAAAAAA\n" * 101,
        "x" * 70_000 + NOTE,
        "\ud800" + NOTE,
        NOTE + "— \ud800 AAAAAAAA\n",
    ],
)
def test_a_note_that_was_touched_or_is_of_another_key_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        SIGNER.verifier.open(note)


@pytest.mark.parametrize(
    "text",
    [
        "a\n",
        "a\n1\n",
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "a\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode().replace("=", "") + "\n",
        "a\n1\n" + "A" * 42 + "B=\n",
    ],
)
def test_a_text_that_is_nearly_a_checkpoint_is_none(text: str) -> None:
    with pytest.raises(NoteError):
        parse(text)


def test_extension_lines_are_allowed() -> None:
    assert parse(TEXT + "more\n").size == 7


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b+c",
        SIGNER.verifier.vkey[:-4],
        SIGNER.verifier.vkey.replace("example", "exemple"),
        "a b+00000000+AA",
        "\ud800+00000000+AQ" + "A" * 42,
    ],
)
def test_a_key_that_does_not_hold_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        Verifier(vkey)


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = load_signer(tmp_path), load_signer(tmp_path)
    assert first.verifier.vkey == second.verifier.vkey
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(NoteError, match="read by others"):
        load_signer(tmp_path)


def test_a_key_of_another_name_is_refused(tmp_path: Path) -> None:
    load_signer(tmp_path, "example.org/one")
    with pytest.raises(NoteError, match="not of"):
        load_signer(tmp_path, "example.org/two")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_would_break_a_note_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        new_key(name)


def test_a_link_in_the_place_of_the_key_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(new_key("a"))
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        load_signer(tmp_path)

"""The catalogue is whole, and docs/attacks.md is what the folders say."""

from __future__ import annotations

from tests.attacks.attack import FOLDER, all_attacks
from tests.attacks.table import absent, entries, text

NUMBERS = range(1, 126)


def test_the_catalogue_has_every_number_once() -> None:
    assert [number for _, part in entries() for number, _ in part] == list(NUMBERS)


def test_every_entry_has_an_attack_or_a_reason() -> None:
    found = {attack.number for attack in all_attacks()} | absent().keys()
    assert [number for number in NUMBERS if number not in found] == []
    assert found <= set(NUMBERS)


def test_the_document_is_what_the_folders_say() -> None:
    document = FOLDER.parent.parent / "docs" / "attacks.md"
    assert document.read_text(encoding="utf-8") == text(), "make attacks-table"

"""The committed table covers every exploit, and says that none of them is paid here."""

from __future__ import annotations

from tests.peers.table import GRADERS, PAID, TABLE, Row, exploits, read, write


def test_every_exploit_stands_in_the_table_with_what_it_does() -> None:
    assert {row.name: row.what for row in read(TABLE.read_text(encoding="utf-8"))} == exploits()
    assert all(exploits().values())


def test_every_grader_gave_an_answer_to_every_exploit() -> None:
    for row in read(TABLE.read_text(encoding="utf-8")):
        assert len(row.said) == len(GRADERS)
        assert all(row.said)
        assert "no answer" not in row.said


def test_this_server_pays_for_the_right_solution_and_for_nothing_else() -> None:
    rows = read(TABLE.read_text(encoding="utf-8"))
    assert [row.name for row in rows if row.said[-1] == PAID] == ["honest_right"]
    assert not [row.name for row in rows if row.said[-1].startswith("no verdict")]


def test_every_grader_is_used_as_it_is_meant_to_be() -> None:
    said = {row.name: row.said for row in read(TABLE.read_text(encoding="utf-8"))}
    assert set(said["honest_right"]) == {PAID}
    assert PAID not in said["honest_wrong"]


def test_a_written_table_is_read_as_it_was() -> None:
    rows = [Row("a", "Does a.", (PAID, "failed: x", "WRONG_ANSWER"))]
    assert read(write(rows, {"Python": "3"})) == rows

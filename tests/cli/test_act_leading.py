"""Commit, undo and redo on the command line: what they print, what they ask, and what a conflict does."""

from __future__ import annotations

import os
import pty

import pytest

from tests.cli.acting import Acting
from tests.cli.conftest import Here


def test_a_held_action_is_committed_undone_and_redone(acting: Acting) -> None:
    acting.run("write")
    ended = acting.here("commit", "a1")
    assert (ended.code, ended.text, acting.status()) == (0, "committed: a1\n", "COMMITTED")
    assert "undo: sandbox undo a1" in ended.err
    assert acting.here("commit", "a1").code == 0
    assert acting.here("undo", "--action", "a1").text == "undone: a1\n"
    assert acting.here("undo", "a1").code == 0
    redone = acting.json("redo", "a1")
    assert (redone["done"], redone["action"]["redo_of"]) == (True, "a1")
    assert acting.here("redo", "a1").code == 0


def test_undo_of_a_held_action_drops_it_and_of_one_without_effects_says_so(acting: Acting) -> None:
    acting.run("write")
    assert acting.here("undo", "a1").text == "dropped: a1\n"
    acting.run("true", options=("--commit",))
    ended = acting.here("undo", "a2")
    assert (ended.code, ended.text) == (0, "undone: a2\n")
    assert "it had no effects" in ended.err


@pytest.mark.parametrize("verb", ["commit", "undo"])
def test_a_conflict_exits_with_1_lists_what_differs_and_changes_nothing(acting: Acting, verb: str) -> None:
    acting.run("write", options=("--commit",) if verb == "undo" else ())
    before = acting.status()
    acting.actions.foreign.add("files:a.txt")
    ended = acting.here(verb, "a1")
    assert (ended.code, acting.status()) == (1, before)
    assert ended.text == "conflict: nothing was changed; 1 difference\n  files:a.txt  content is theirs, not ours\n"
    found = acting.json(verb, "a1")
    assert (found["done"], found["conflicts"][0]["resource"]) == (False, "files:a.txt")


@pytest.mark.parametrize(("options", "later"), [((), 0), (("--cascade",), 1), (("--rebase",), 2)])
def test_undo_says_what_to_do_with_later_writers(acting: Acting, options: tuple[str, ...], later: int) -> None:
    acting.run("write")
    acting.here("undo", "a1", *options)
    assert acting.actions.asked[-1].later == later


def test_a_dry_undo_changes_nothing_and_tells_of_conflicts(acting: Acting) -> None:
    acting.run("write", options=("--commit",))
    ended = acting.here("undo", "a1", "--dry-run")
    assert (ended.code, ended.text, acting.status()) == (0, "would be taken back: a1\n", "COMMITTED")
    acting.actions.foreign.add("files:a.txt")
    ended = acting.here("undo", "a1", "--dry-run")
    assert (ended.code, acting.status()) == (1, "COMMITTED")
    assert "would be a conflict" in ended.text


def test_all_after_an_action_and_a_whole_branch_are_taken_back(acting: Acting) -> None:
    for _ in range(3):
        acting.run("write", options=("--commit",))
    assert acting.here("undo", "--to", "a1").text == "undone: a3 a2\n"
    assert [acting.status(f"a{number}") for number in (1, 2, 3)] == ["COMMITTED", "UNDONE", "UNDONE"]
    acting.run("write")
    acting.actions.actions["a4"].branch = "b"
    acting.actions.branches.add("b")
    assert acting.here("undo", "--branch", "b").text == "dropped: a4\n"
    ended = acting.here("undo", "--to", "a4")
    assert (ended.code, ended.text, ended.err) == (0, "undone: nothing\n", "")


class Terminal:
    """A terminal in place of stdin and stderr, with somebody who types."""

    def __init__(self, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.answer = True
        monkeypatch.setattr("sandbox.cli.render.may_ask", lambda: True)
        monkeypatch.setattr("sandbox.cli.render.confirm", self._confirm)

    def _confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer


@pytest.fixture
def terminal(here: Here, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(here, monkeypatch)


@pytest.mark.parametrize("verb", ["commit", "undo"])
def test_at_a_terminal_it_shows_what_changed_asks_and_no_changes_nothing(
    acting: Acting, terminal: Terminal, verb: str
) -> None:
    acting.run("write", options=("--commit",) if verb == "undo" else ())
    before, terminal.answer = acting.status(), False
    ended = acting.here(verb, "a1")
    assert (ended.code, acting.status(), ended.out) == (1, before, b"")
    assert "A  a.txt" in ended.err
    assert "nothing was changed" in ended.err
    terminal.answer = True
    assert acting.here(verb, "a1").code == 0
    assert terminal.asked == [f"{verb} it?"] * 2


def test_yes_asks_nothing_and_neither_do_what_is_held_nor_a_dry_run(acting: Acting, terminal: Terminal) -> None:
    acting.run("write")
    acting.here("undo", "a1")
    acting.run("write")
    acting.here("commit", "a2", "--yes")
    acting.here("undo", "a2", "--dry-run")
    acting.here("undo", "a2", "--yes")
    assert terminal.asked == []
    assert [acting.status("a1"), acting.status("a2")] == ["DISCARDED", "UNDONE"]
    acting.here("undo", "--to", "a1")
    assert terminal.asked == ["undo everything that was committed after it?"]


def test_a_question_is_asked_on_stderr_and_an_empty_answer_is_no(
    acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.cli import render

    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"\n")
        with open(theirs, closefd=False) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            assert render.confirm("commit\x1b it?") is False
    finally:
        os.close(ours)
        os.close(theirs)

"""Verbs on actions that are used wrongly: exit code 2, what is wrong and its fix, and nothing done."""

from __future__ import annotations

import re

import pytest

from tests.cli.acting import Acting
from tests.cli.command import EXPECTED_ERROR


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sql", "SELECT 1", "--database", "a.db=held"), "cannot be held by a command that ends"),
        (("--sql", "SELECT 1", "--database", "a.db=held", "--commit", "true"), "both a command and --sql"),
        (("--sql", "SELECT 1", "--commit"), "statements need one database of mode HELD"),
        (("--database", "a.db=held", "true"), "a held transaction is for statements"),
    ],
)
def test_statements_that_do_not_fit_are_bad_usage(acting: Acting, arguments: tuple[str, ...], said: str) -> None:
    ended = acting.here("run", "--workspace", acting.folder, *arguments)
    assert ended.code == 2 and said in ended.err
    assert not acting.actions.asked


BAD_USAGE = [
    (["run", "--", "true"], "missing option"),
    (["run", "--workspace", "."], "no command is given"),
    (["run", "--workspace", "no-such-folder", "--", "true"], "is no folder"),
    (["run", "--workspace", ".", "--hold", "--commit", "--", "true"], "exclude each other"),
    (["run", "--workspace", ".", "--env", "A", "--", "true"], "sets nothing"),
    (["run", "--workspace", ".", "--env", "=A", "--", "true"], "sets nothing"),
    (["run", "--workspace", ".", "--database", "a=jornal", "--", "true"], "did you mean 'journal'?"),
    (["run", "--workspace", ".", "--branch", "a", "--", "true"], "--branch needs a server"),
    (["run", "--server", "x", "--workspace", ".", "--branch", "../a", "--", "true"], "'../a' is no name of a branch"),
    (["log", "--cloudevents", "-", "--server", "x"], "read the journal itself"),
    (["log", "--otlp", "-", "--cloudevents", "-"], "one goes to stdout"),
    (["run", "--workspace", ".", "--", "a\udcff"], "the command holds bytes that are no UTF-8"),
    (["run", "--workspace", ".", "--", ""], "command[0]: is empty"),
    (["show"], "one action has to be named"),
    (["diff", "a1", "--action", "a1"], "one action has to be named"),
    (["commit", "a/b"], "is no id of an action"),
    (["redo", "\udcff"], "the id holds bytes that are no UTF-8"),
    (["undo"], "what to undo has to be named, once"),
    (["undo", "a1", "--to", "a2"], "what to undo has to be named, once"),
    (["undo", "a1", "--cascade", "--rebase"], "exclude each other"),
    (["undo", "a9"], "no action is called 'a9'"),
    (["log", "--limit", "0"], "0 is not in the range"),
    (["rescore", "--scheme", "fraction"], "name actions, or give --all"),
    (["rescore", "--scheme", "fraction", "--all", "a1"], "name actions, or give --all"),
    (["rescore", "--scheme", "fraction", "--all", "--params", "[1]"], "--params is no JSON object"),
    (["verify", "--checkpoint", "no-such-file"], "no-such-file"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_USAGE, ids=[" ".join(map(ascii, each)) for each, _ in BAD_USAGE])
def test_bad_usage_exits_with_2_prints_nothing_and_does_nothing(
    acting: Acting, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(acting.folder)
    ended = acting.here(*arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert re.match(EXPECTED_ERROR, ended.err)
    assert said in ended.err
    assert acting.actions.actions == {}


def test_a_beginning_that_two_actions_have_is_bad_usage(acting: Acting) -> None:
    acting.run("write")
    acting.run("write")
    ended = acting.here("show", "a")
    assert ended.code == 2
    assert "2 actions begin with 'a'" in ended.err

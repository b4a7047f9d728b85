"""The verbs on actions: what they print, what they ask, what they exit with, and what they never do."""

from __future__ import annotations

import base64
import json
import math
import os
import pty
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.cli.plain import json_line, plain
from sandbox.errors import JobError
from sandbox.model.outcome import JailFault
from sandbox.settings import Settings
from sandbox.v1 import action_pb2
from tests.cli.acting import Acting, Spawner
from tests.cli.command import EXPECTED_ERROR
from tests.cli.conftest import Here
from tests.cli.effects import HOSTILE
from tests.fake_actions import FakeActions, Run

Action = action_pb2.Action


def test_a_command_is_held_and_its_output_comes_out_as_it_is(acting: Acting) -> None:
    ended = acting.run("bytes")
    assert (ended.code, ended.out) == (0, bytes(range(256)))
    ended = acting.run("write")
    assert (ended.code, ended.text, acting.status("a2")) == (0, "written\n", "HELD")
    assert ended.err.startswith("careful\n")
    for said in ("a2  held", "exit code 0", "A  a.txt   3 bytes", "commit: sandbox commit a2", "drop: sandbox undo a2"):
        assert said in ended.err


@pytest.mark.parametrize(
    ("command", "options", "code", "status"),
    [
        ("write", (), 0, "HELD"),
        ("write", ("--hold",), 0, "HELD"),
        ("write", ("--commit",), 0, "COMMITTED"),
        ("write", ("--dry-run",), 0, "DISCARDED"),
        ("broken", (), 1, "HELD"),
        ("broken", ("--commit",), 1, "HELD"),
        ("broken", ("--dry-run",), 1, "DISCARDED"),
    ],
)
def test_run_exits_as_the_command_did_and_promotes_only_what_ended_well(
    acting: Acting, command: str, options: tuple[str, ...], code: int, status: str
) -> None:
    assert acting.run(command, options=options).code == code
    assert acting.status() == status


def test_a_commit_that_meets_a_conflict_exits_with_1_and_stays_held(acting: Acting) -> None:
    acting.actions.foreign.add("files:a.txt")
    ended = acting.run("write", options=("--commit",))
    assert (ended.code, acting.status()) == (1, "HELD")
    assert "error: 1 resources changed since" in ended.err


@pytest.mark.parametrize(("status", "code"), [("DENIED", 1), ("FAILED", 1), ("IN_DOUBT", 3)])
def test_what_never_ended_is_no_success(acting: Acting, status: str, code: int) -> None:
    from sandbox.cli.run import _exit_of

    assert _exit_of(Action(status=status, exit_code=0), commit=False) == code


def test_run_passes_on_all_that_was_said(acting: Acting) -> None:
    options = ("--policy", "strict", "--env", "A=1=2", "--env", "B=", "--database", "a=b.db=journal")
    acting.run("true", "--flag", "--", "-x", options=(*options, "--database", "c.db"), stdin=b"\xffinput")
    (asked,) = acting.actions.asked
    assert [*asked.command] == ["true", "--flag", "--", "-x"]
    assert asked.workspace == str(acting.folder)
    assert dict(asked.environment) == {"A": "1=2", "B": ""}
    assert [(each.name, each.mode) for each in asked.databases] == [("a=b.db", 1), ("c.db", 0)]
    assert (asked.policy, asked.stdin) == ("strict", b"\xffinput")
    assert asked.idempotency_key


def test_statements_are_passed_on_whole_and_nothing_is_read(acting: Acting) -> None:
    acting.actions.runs["DELETE FROM a; --'"] = Run(stdout=b'{"id":1}\n')
    options = ("--database", "a.db=held", "--sql", "DELETE FROM a; --'", "--sql", "SELECT 1", "--commit")
    ended = acting.here("run", "--workspace", acting.folder, *options, stdin=b"unread")
    (asked,) = acting.actions.asked
    assert [*asked.statements] == ["DELETE FROM a; --'", "SELECT 1"] and not asked.command and not asked.stdin
    assert [(each.name, each.mode) for each in asked.databases] == [("a.db", 2)]
    assert (ended.code, ended.out) == (0, b'{"id":1}\n')


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


def test_options_after_the_command_are_the_commands_own(acting: Acting) -> None:
    assert acting.here("run", "--workspace", acting.folder, "true", "--json", "-c").code == 0
    assert [*acting.actions.asked[0].command] == ["true", "--json", "-c"]


def test_json_is_one_line_with_the_output_inside(acting: Acting) -> None:
    ended = acting.run("write", options=("--json",))
    assert ended.out.count(b"\n") == 1
    found = acting.json("run", "--workspace", acting.folder, "--", "write") if False else json.loads(ended.out)
    assert (found["id"], found["status"], found["stdout"], found["stderr"]) == ("a1", "HELD", "written\n", "careful\n")
    assert "stdout_base64" not in found
    assert found["action"]["exit_code"] == 0
    assert found["action"]["created_ms"] == 1_700_000_000_001
    (effect,) = found["effects"]
    assert (effect["resource"], effect["pre"], effect["post"]["size"]) == ("files:a.txt", None, 3)
    assert ended.err == ""


def test_output_that_is_no_utf_8_has_a_twin_in_base64(acting: Acting) -> None:
    ended = acting.run("bytes", options=("--json",))
    found = json.loads(ended.out)
    assert base64.b64decode(found["stdout_base64"]) == bytes(range(256))
    assert found["stderr"] == "\\xff"


def test_names_that_are_no_utf_8_come_escaped_with_their_bytes_beside(acting: Acting) -> None:
    acting.run("hostile")
    effects = acting.json("diff", "a1")["effects"]
    (found,) = [each for each in effects if "resource_base64" in each]
    assert found["resource"] == "files:a\\xff\\xfe"
    assert base64.b64decode(found["resource_base64"]) == HOSTILE["not UTF-8"]


def test_a_run_with_very_many_effects_names_the_first_of_them(acting: Acting) -> None:
    found = json.loads(acting.run("many", options=("--json",)).out)
    assert (len(found["effects"]), found["effects_left_out"], found["action"]["effects"]) == (1000, 2000, 3000)
    assert "2,960 more: sandbox diff a2" in acting.run("many").err


def test_an_action_whose_effects_cannot_be_shown_is_told_all_the_same(acting: Acting) -> None:
    def refuse(request: object) -> None:
        if isinstance(request, action_pb2.DiffRequest):
            raise JobError("", "the answer has too many bytes", reject="RESOURCE_EXHAUSTED")

    acting.actions.before = refuse
    ended = acting.run("write")
    assert ended.code == 0
    assert "its effects cannot be shown: the answer has too many bytes" in ended.err
    assert "commit: sandbox commit a1" in ended.err


def test_output_that_was_clipped_is_told(acting: Acting) -> None:
    assert "up to 16 KiB" in acting.run("loud").err


@pytest.mark.parametrize("verb", ["run", "diff", "show", "log", "undo"])
def test_no_name_of_a_file_reaches_the_terminal_as_it_is(acting: Acting, verb: str) -> None:
    evil = "\x1b[2J\u202e\n"
    acting.actions.runs[evil] = acting.actions.runs["hostile"]
    ended = acting.run(evil)
    acting.actions.foreign.update(each.resource for each in acting.actions.effects["a1"])
    acting.actions.actions["a1"].status = Action.COMMITTED
    if verb != "run":
        ended = acting.here(verb, *([] if verb == "log" else ["a1"]))
    shown = ended.text + ended.err
    assert shown
    assert all(char.isprintable() or char == "\n" for char in shown)


def test_log_lists_the_newest_first(acting: Acting) -> None:
    assert "no actions" in acting.here("log").err
    acting.run("write")
    acting.run("false")
    lines = acting.here("log").text.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "a2", "a1"]
    assert [each["id"] for each in acting.json("log", "--limit", 1)["actions"]] == ["a2"]
    assert acting.json("log", "--workspace", "/elsewhere") == {"actions": []}
    assert len(acting.json("log", "--workspace", acting.folder)["actions"]) == 2


@pytest.mark.parametrize("how", [["a1"], ["--action", "a1"], ["a"]], ids=" ".join)
def test_show_says_what_can_be_done_next(acting: Acting, how: list[str]) -> None:
    acting.run("write")
    text = acting.here("show", *how).text
    for said in ("a1  held", "command:        write", f"workspace:      {acting.folder}", "commit: sandbox commit a1"):
        assert said in text
    assert acting.json("show", *how)["status"] == "HELD"


def test_a_diff_has_files_rows_and_requests(acting: Acting) -> None:
    acting.run("all")
    text = acting.here("diff", "a1").text
    for said in (
        "files:src/a.py  modify",
        "  +       three",
        "sqlite:shop.db#orders  3 rows",
        "http:POST https://host/orders",
    ):
        assert said in text
    assert acting.actions.asked[-1].text_bytes == 65536
    acting.run("true")
    assert "it changed nothing" in acting.here("diff", "a2").err


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


def test_verify_exits_with_1_where_anything_is_wrong(acting: Acting, tmp_path: Path) -> None:
    acting.run("write")
    assert acting.here("verify").text == f"ok: 1 records, root {'ab' * 32}\n"
    kept = tmp_path / "kept"
    kept.write_text(acting.json("verify")["checkpoint"])
    assert acting.here("verify", "a1", "--checkpoint", kept).code == 0
    assert acting.actions.asked[-1] == action_pb2.VerifyRequest(id="a1", checkpoint="fake\n1\nab\n")
    acting.actions.foreign.add("files:a.txt")
    ended = acting.here("verify", "a1")
    assert (ended.code, ended.text.splitlines()[1]) == (1, "  files:a.txt: content is theirs, not ours")
    acting.actions.problems.append("record 1\x1b is not what it was")
    assert "record 1\\x1b is not what it was" in acting.here("verify").text
    kept.write_bytes(b"\xff")
    assert acting.here("verify", "--checkpoint", kept).code == 2


def test_recover_gc_and_rescore_tell_what_they_found(acting: Acting) -> None:
    assert acting.here("recover").text == "action a1 was cut short: taken back\n"
    assert acting.json("recover") == {"recovered": ["action a1 was cut short: taken back"]}
    assert acting.here("gc").text == "held actions dropped: 2, blobs: 3, bytes: 4,096\n"
    assert acting.json("gc")["dropped"]["blobs"] == 3
    assert acting.here("rescore", "--scheme", "fraction", "--all").text.splitlines()[1].split() == ["a1", "0", "0.5"]
    found = acting.json("rescore", "--scheme", "fraction", "--params", '{"floor": 0.1}', "a1", "a2")
    assert acting.actions.asked[-1] == ("fraction", {"floor": 0.1}, ["a1", "a2"])
    assert found["rescored"][1] == {"action": "a2", "before": None, "after": None, "why": "a fault"}


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


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (JailFault("no jail"), 3, "error[fault]: no jail"),
        (JobError("policy", "no policy is called 'x'", "one of: actions"), 2, "fix: one of: actions"),
    ],
    ids=["fault", "refusal"],
)
def test_a_fault_of_ours_is_3_and_a_refusal_is_2(acting: Acting, error: Exception, code: int, said: str) -> None:
    acting.actions.runs["bad"] = error
    ended = acting.run("bad", options=("--json",))
    assert (ended.code, ended.out) == (code, b"")
    assert said in ended.err


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


def test_a_command_that_changes_nothing_offers_nothing(acting: Acting) -> None:
    acting.actions.runs["quiet"] = Run()
    ended = acting.run("quiet", options=("--commit",))
    assert "undo" not in ended.err
    assert "0 effects" in ended.err


def test_only_what_runs_commands_starts_what_jails_need(acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Settings, object]] = []
    spawner = Spawner()

    @asynccontextmanager
    async def open_actions(settings: Settings, spawner: object) -> AsyncIterator[FakeActions]:
        opened.append((settings, spawner))
        yield acting.actions

    monkeypatch.setattr("sandbox.undo.open_actions", open_actions, raising=False)
    monkeypatch.setattr("sandbox.engine.start_spawner", lambda: spawner)
    monkeypatch.setenv("SANDBOX_HOME", str(acting.folder))
    assert acting.run("true").code == 0
    assert spawner.life == ["attached", "closed"]
    for verb in (["log"], ["show", "a1"], ["gc"], ["recover"], ["verify"], ["rescore", "--scheme", "x", "--all"]):
        assert acting.here(*verb).code == 0
    assert [each for _, each in opened] == [spawner, *[None] * 6]
    # Whoever types the command may change what their own user may change.
    assert {settings.workspace_roots for settings, _ in opened} == {(Path("/"),)}
    assert {settings.state for settings, _ in opened} == {acting.folder / "state"}


@example(b"", "a", "1e999", math.inf)
@example(b"", "a", "[" * 900 + "]" * 900, math.nan)
@example(b"", "a", "[" * 20_000 + "]" * 20_000, 0.0)
@given(st.binary(), st.text(), st.text(), st.floats())
def test_whatever_happened_is_one_line_of_ascii(data: bytes, name: str, value: str, number: float) -> None:
    name, value = (each.encode("utf-8", "replace").decode() for each in (name, value))
    action = action_pb2.Action(id=name, cpu_ms=number, rewards=[number], residue=[value], status=99)
    messages = [
        action_pb2.ExecuteResponse(action=action, stdout=data),
        action_pb2.DiffResponse(
            effects=[action_pb2.Effect(resource=name, resource_bytes=data, pre_json=value, post_json=f"[{value}]")]
        ),
        action_pb2.TransitionResponse(conflicts=[action_pb2.Difference(resource=name)]),
    ]
    for message in messages:
        line = json_line(plain(message))
        assert line.isascii()
        assert line.count(b"\n") == 1
        assert isinstance(json.loads(line), dict)
    found = plain(messages[0])
    exact = base64.b64decode(found["stdout_base64"]) if "stdout_base64" in found else found["stdout"].encode()
    assert exact == data

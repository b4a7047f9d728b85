"""The verbs on actions: what they print, what they ask, what they exit with, and what they never do."""

from __future__ import annotations

import base64
import json
import math
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


def test_options_after_the_command_are_the_commands_own(acting: Acting) -> None:
    assert acting.here("run", "--workspace", acting.folder, "true", "--json", "-c").code == 0
    assert [*acting.actions.asked[0].command] == ["true", "--json", "-c"]


def test_json_is_one_line_with_the_output_inside(acting: Acting) -> None:
    ended = acting.run("write", options=("--json",))
    assert ended.out.count(b"\n") == 1
    found = json.loads(ended.out)
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

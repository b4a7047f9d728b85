"""The verbs on actions as people and scripts use them: processes of their own, real jails, a real journal."""

from __future__ import annotations

import base64
import json
import os
import pty
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import COMMAND, Command, Ended
from tests.undo.world import look

pytestmark = pytest.mark.jail


class Here:
    """`sandbox`, with a home and a workspace of this test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "workspace"
        self.path.mkdir()
        self.sandbox = Command(str(folder / "home"))

    def __call__(self, *arguments: object) -> Ended:
        return self.sandbox(*arguments)

    def run(self, script: str, *options: object) -> Ended:
        return self("run", "--workspace", self.path, *options, "--", "sh", "-euc", script)

    def json(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """The one object that a verb prints, as its only line."""
        ended = self(*arguments, "--json")
        assert ended.code == code, ended
        (line,) = ended.out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    def act(self, script: str, *options: object) -> str:
        ended = self.run(script, "--json", *options)
        assert ended.code == 0, ended
        found: str = json.loads(ended.out)["id"]
        return found

    def status(self, action: str) -> str:
        found: str = self.json("show", action)["status"]
        return found


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def test_the_whole_way_of_an_action(here: Here) -> None:
    (here.path / "a").write_text("old\n")
    before = look(here.path)
    ended = here.run("cat a; echo said >&2; echo new > a; echo b > b")
    assert (ended.code, ended.out) == (0, b"old\n")
    assert "said" in ended.err and "commit: sandbox commit " in ended.err
    assert look(here.path) == before
    (action,) = here.json("log")["actions"]
    name = action["id"]
    assert action["status"] == "HELD" and action["workspace"] == str(here.path) and len(name) <= 16
    assert "+new" in here("diff", name).text
    assert name in here("show", name[:-2]).text
    assert here("commit", name).text == f"committed: {name}\n"
    after = look(here.path)
    assert (here.path / "b").read_text() == "b\n"
    assert here.json("undo", name, "--dry-run")["done"]
    assert look(here.path) == after
    assert here("undo", "--action", name, "--yes").text == f"undone: {name}\n"
    assert look(here.path) == before
    again = here.json("redo", name)["action"]["id"]
    assert look(here.path) == after
    found = here.json("verify", again)
    assert found["ok"] and found["records"] > 0
    assert here.json("recover") == {"recovered": []}
    assert here.json("gc")["dropped"]["expired"] == 0


def test_modes_hold_commit_and_drop(here: Here) -> None:
    held = here.act("echo x > held", "--hold")
    assert here.status(held) == "HELD"
    committed = here.act("echo x > committed", "--commit")
    assert here.status(committed) == "COMMITTED"
    dry = json.loads(here.run("echo x > dry", "--dry-run", "--json").out)
    assert {each["resource"] for each in dry["effects"]} >= {"files:dry"}
    assert here.status(dry["id"]) == "DISCARDED"
    assert os.listdir(here.path) == ["committed"]


def test_run_exits_with_1_where_the_command_failed_and_commits_only_after_0(here: Here) -> None:
    ended = here.run("echo x > a; exit 7", "--commit", "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["status"], found["action"]["exit_code"]) == (1, "HELD", 7)
    assert os.listdir(here.path) == []
    assert here("run", "--workspace", here.path, "--", "no-such-program").code == 1
    assert here("undo", found["id"]).code == 0
    assert here.status(found["id"]) == "DISCARDED"


def test_json_is_the_last_line_and_a_script_can_go_on_with_it(here: Here) -> None:
    command = f"sandbox run --workspace '{here.path}' --json -- sh -c 'echo {{}}; echo x > a'"
    script = f"""
id=$({command} | tail -1 | jq -r .id)
sandbox commit "$id" --yes >/dev/null
sandbox undo "$id" --json | tail -1 | jq -r .action.status
"""
    program = f'sandbox() {{ {" ".join(COMMAND)} "$@"; }}\n{script}'
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", program],
        env=here.sandbox.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout == "UNDONE\n", ended.stderr


def test_what_the_command_printed_is_in_the_object_and_bytes_come_twice(here: Here) -> None:
    ended = here.run("printf 'a\\377'; printf x > \"$(printf 'n\\377\\n')\"", "--json")
    assert ended.out.isascii() and len(ended.out.splitlines()) == 1
    found = json.loads(ended.out)
    assert (found["stdout"], base64.b64decode(found["stdout_base64"])) == ("a\\xff", b"a\xff")
    effects = here.json("diff", found["id"])["effects"]
    (named,) = [each for each in effects if each.get("resource_base64")]
    assert named["resource"].startswith("files:n\\xff")
    assert base64.b64decode(named["resource_base64"]) == b"n\xff"


def test_an_action_without_effects_is_undone_by_saying_so(here: Here) -> None:
    action = here.act("true")
    ended = here("undo", action)
    assert ended.code == 0
    assert "no effects" in ended.err


@pytest.mark.parametrize("verb", ["commit", "undo"])
def test_a_conflict_exits_with_1_and_changes_nothing_at_all(here: Here, verb: str) -> None:
    (here.path / "a").write_text("old")
    action = here.act("echo new > a; echo new > b", *(["--commit"] if verb == "undo" else []))
    (here.path / "a").write_text("theirs")
    before = look(here.path)
    ended = here(verb, action, "--yes")
    assert ended.code == 1
    assert "files:a" in ended.text
    assert look(here.path) == before
    found = here.json(verb, action, "--yes", code=1)
    assert not found["done"] and {each["resource"] for each in found["conflicts"]} == {"files:a"}
    assert here.status(action) == ("COMMITTED" if verb == "undo" else "HELD")


def test_later_writers_are_refused_taken_along_or_kept(here: Here) -> None:
    (here.path / "a").write_text("0\n")
    first = here.act("echo 1 > b; echo 1 > c", "--commit")
    second = here.act("echo 2 >> b", "--commit")
    refused = here.json("undo", first, code=1)
    assert [each["resource"] for each in refused["conflicts"]] == [f"action:{second}"]
    assert here.json("undo", first, "--cascade", "--yes")["actions"] == [second, first]
    assert sorted(os.listdir(here.path)) == ["a"]
    third = here.act("echo 3 > d", "--commit")
    here.act("echo 4 > e", "--commit")
    assert len(here.json("undo", "--to", third)["actions"]) == 1
    assert sorted(os.listdir(here.path)) == ["a", "d"]


def test_a_rebase_keeps_what_does_not_stand_on_it(here: Here) -> None:
    (here.path / "d").mkdir()
    (here.path / "d" / "a").write_text("0\n")
    first = here.act("chmod 700 d; echo 1 > one", "--commit")
    here.act("echo 2 > d/a", "--commit")
    ended = here("undo", first, "--rebase", "--yes")
    assert ended.code in (0, 1)
    if ended.code == 0:
        assert sorted(os.listdir(here.path)) == ["d"]
        assert (here.path / "d" / "a").read_text() == "2\n"


def test_at_a_terminal_it_asks_and_yes_asks_nothing(here: Here) -> None:
    action = here.act("echo x > a")
    main, terminal = pty.openpty()
    os.write(main, b"n\n")
    asked = subprocess.run(
        [*COMMAND, "commit", action],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=here.sandbox.environment,
        timeout=120,
        check=False,
    )
    assert asked.returncode == 1 and not (here.path / "a").exists()
    said = subprocess.run(
        [*COMMAND, "commit", action, "--yes"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=here.sandbox.environment,
        timeout=120,
        check=False,
    )
    os.close(main)
    os.close(terminal)
    assert said.returncode == 0 and (here.path / "a").exists()


def test_state_lies_under_sandbox_home_for_its_owner_alone(here: Here) -> None:
    here.act("true")
    state = here.folder / "home" / "state"
    assert {"journal", "blobs"} <= {*os.listdir(state)}
    assert state.stat().st_mode & 0o077 == 0
    xdg = {name: value for name, value in here.sandbox.environment.items() if name != "SANDBOX_HOME"}
    here.sandbox.environment = {**xdg, "XDG_STATE_HOME": str(here.folder / "xdg"), "HOME": str(here.folder)}
    assert here("log").code == 0
    assert {"journal", "blobs"} <= {*os.listdir(here.folder / "xdg" / "sandbox")}


def test_a_workspace_that_holds_the_state_is_bad_usage(here: Here) -> None:
    ended = here("run", "--workspace", here.folder, "--", "true")
    assert ended.code == 2
    assert "holds the journal" in ended.err and "SANDBOX_HOME" in ended.err


def test_the_journal_is_exported_as_cloud_events_and_as_spans(here: Here) -> None:
    action = here.act("echo x > a", "--commit")
    events = [json.loads(line) for line in here("log", "--cloudevents", "-").out.splitlines()]
    assert "sandbox.journal.promoted" in {event["type"] for event in events if event.get("subject") == action}
    spans = here.folder / "spans.jsonl"
    assert here("log", "--otlp", spans, "--workspace", here.path).code == 0
    assert action in spans.read_text()
    missing = Command(str(here.folder / "home"))
    (here.folder / "cloudevents.py").write_text("raise ModuleNotFoundError('gone', name='cloudevents')")
    missing.environment["PYTHONPATH"] = f"{here.folder}:{missing.environment.get('PYTHONPATH', '')}"
    ended = missing("log", "--cloudevents", "-")
    assert ended.code == 3
    assert "reward-sandbox[undo]" in ended.err


def test_policies_of_ones_own_are_found_by_every_verb(here: Here) -> None:
    policies = here.folder / "policies"
    shutil.copytree(Path(__file__).parents[2] / "policies", policies)
    (policies / "mine.toml").write_text('name = "mine"\ndescription = "x"\nextends = "actions"\n')
    here.sandbox.environment["SANDBOX_POLICIES"] = str(policies)
    action = here.act("echo x > a", "--policy", "mine")
    assert here("commit", action).code == 0
    assert here("policies", "show", "mine").code == 0

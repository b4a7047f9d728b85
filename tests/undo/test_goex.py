"""What the first undo runtime for language models got wrong, one by one: none of it here.

GoEx (arXiv 2404.06921) undoes files by `git clean -fd; git reset --hard`, databases by an open transaction, and calls
by code that a model wrote beforehand.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess

import pytest

from sandbox.v1 import action_pb2
from tests.undo.world import Mode, World, look

pytestmark = pytest.mark.jail


def repository(world: World) -> None:
    """A git repository with a tracked, an ignored and an untracked file."""
    files = {"tracked": "1", "ignored": "1", ".gitignore": "ignored\n", "untracked": "1"}
    for name, text in files.items():
        (world.path / name).write_text(text)
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(world.path.parent)}
    for command in (["init", "-q"], ["add", "tracked", ".gitignore"]):
        subprocess.run(["git", "-C", str(world.path), *command], check=True, env=environment)
    who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    subprocess.run(["git", "-C", str(world.path), *who, "commit", "-qm", "1"], check=True, env=environment)


FILES = {
    "a modified ignored file stays modified": "echo 2 > ignored",
    "a new ignored file stays": "rm ignored; echo new > ignored",
    "an untracked file is removed for good": "rm untracked",
    "a mode of 0640 becomes 0644": "chmod 777 private; echo 2 >> private",
    "times are lost": "touch tracked",
    "an empty folder is lost": "rmdir empty",
    "a nested repository survives": "mkdir nested; mkdir nested/.git; echo x > nested/.git/config",
    "a hard link is broken": "echo 2 > linked",
    "extended attributes are lost": "rm attributed; echo 1 > attributed",
    "a pipe is lost": "rm pipe",
    "holes are filled": "rm sparse; echo > sparse",
    "without .git there is no way back": "rm -rf .git; echo 2 > tracked",
    "a commit message runs a command": "echo 2 > 'tracked\"; touch injected; \"'",
}


@pytest.mark.parametrize("script", FILES.values(), ids=FILES.keys())
def test_files(world: World, script: str):
    repository(world)
    (world.path / "private").write_text("1")
    (world.path / "private").chmod(0o640)
    (world.path / "empty").mkdir()
    os.mkfifo(world.path / "pipe")
    os.link(world.path / "tracked", world.path / "linked")
    (world.path / "attributed").write_text("1")
    os.setxattr(world.path / "attributed", "user.note", b"keep")
    with (world.path / "sparse").open("wb") as file:
        file.truncate(1 << 20)
    before = look(world.path)
    action = world.run(script, mode=Mode.COMMIT)
    assert world.status(action) == "COMMITTED"
    assert look(world.path) != before
    answer = world.undo(action)
    assert answer.done, answer
    assert look(world.path) == before
    assert (world.path / "sparse").stat().st_blocks == 0


def test_only_one_level_can_be_undone(world: World):
    looks, actions = [look(world.path)], []
    for number in range(12):
        actions.append(world.run(f"echo {number} >> log; echo > f{number}", mode=Mode.COMMIT))
        looks.append(look(world.path))
    for action, before in zip(reversed(actions), reversed(looks[:-1]), strict=True):
        assert world.undo(action).done
        assert look(world.path) == before


def test_the_working_folder_is_no_jail(world: World):
    outside = world.path.parent / "outside"
    outside.write_text("mine")
    action = world.run(f"echo x > ../outside; echo x > {outside}; echo x > ~/y; rm -rf /etc/passwd; true")
    assert outside.read_text() == "mine"
    assert world.effects(action) == {}


def database(world: World, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(world.path / "d.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def dump(world: World) -> list[str]:
    with contextlib.closing(sqlite3.connect(world.path / "d.db")) as connection:
        return list(connection.iterdump())


STATEMENTS = {
    "statements are split within literals": "insert into t values (2, 'a; drop table t; --')",
    "CREATE TABLE is committed by itself": "create table u (x)",
    "DROP TABLE is committed by itself": "drop table t",
    "ALTER TABLE is committed by itself": "alter table t add column more text default 'x'",
    "rows": "update t set note = 'changed' where id = 1",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
@pytest.mark.parametrize("mode", ["BRANCH", "JOURNAL"])
def test_sqlite(world: World, statement: str, mode: str):
    database(world, "create table t (id integer primary key, note text)", "insert into t values (1, 'one')")
    before = dump(world)
    source = f"import sqlite3\nd = sqlite3.connect('d.db')\nd.execute({statement!r})\nd.commit()\n"
    request = action_pb2.ExecuteRequest(
        workspace=str(world.path),
        command=["python3", "-c", source],
        mode=Mode.COMMIT,
        databases=[action_pb2.Database(name="d.db", mode=action_pb2.Database.Mode.Value(mode))],
    )
    answer = world.actions.Execute(request, timeout=60)
    assert world.status(answer.action) == "COMMITTED", answer
    assert dump(world) != before
    undone = world.undo(answer.action)
    assert undone.done, undone
    assert dump(world) == before


def test_a_statement_that_fails_is_told_and_nothing_is_committed(world: World):
    database(world, "create table t (id integer primary key)")
    before = dump(world)
    source = (
        "import sqlite3\nd = sqlite3.connect('d.db')\nd.execute('insert into t values (1)')\nd.execute('no such')\n"
    )
    action = world.execute(["python3", "-c", source], mode=Mode.COMMIT).action
    assert action.exit_code == 1
    assert dump(world) == before


def test_a_dry_run_that_prints_false_has_passed(world: World):
    answer = world.execute(["sh", "-c", "echo False; exit 1"], mode=Mode.DRY_RUN)
    assert answer.action.exit_code == 1 and answer.stdout == b"False\n"


def test_a_dry_run_runs_once_and_on_the_real_state(world: World):
    (world.path / "count").write_text("41")
    answer = world.execute(["sh", "-c", "echo $(($(cat count) + 1)) > count; cat count"], mode=Mode.DRY_RUN)
    assert answer.stdout == b"42\n" and (world.path / "count").read_text() == "41"


def test_what_has_no_effects_is_called_reversible(world: World):
    assert world.run("true").effect_class == action_pb2.Effect.PURE


def test_nobody_can_see_what_was_done(world: World):
    (world.path / "a").write_text("one\n")
    action = world.run("echo two >> a", mode=Mode.COMMIT)
    (found,) = [
        effect
        for effect in world.actions.Diff(action_pb2.DiffRequest(id=action.id, text_bytes=1000)).effects
        if effect.resource == "files:a"
    ]
    assert "+two" in found.text and found.pre_json and found.post_json
    assert world.actions.Get(action_pb2.GetActionRequest(id=action.id)).command[-1] == "echo two >> a"

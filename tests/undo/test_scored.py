"""Programs that are scored by what they changed in a branch."""

from __future__ import annotations

import contextlib
import sqlite3

import grpc
import pytest

from sandbox.v1 import action_pb2, job_pb2, verdict_pb2
from tests.undo.world import Status, World, look

pytestmark = pytest.mark.jail
SUM = 'a, b = map(int, open("in.txt").read().split())\nopen("out.txt", "w").write(str(a + b))\n'


def wants(*assertions: job_pb2.EffectAssertion, **fields: object) -> job_pb2.EffectsTest:
    return job_pb2.EffectsTest(assertions=assertions, **fields)  # type: ignore[arg-type]


def out(content: str) -> job_pb2.EffectAssertion:
    return job_pb2.EffectAssertion(resource="files:out.txt", op="create", content=content)


def test_a_program_is_judged_by_its_effects_and_the_workspace_stays_as_it_was(world: World):
    (world.path / "in.txt").write_text("3 4\n")
    before = look(world.path)
    verdict = world.score(SUM, wants(out("7"), nothing_else=True), wants(out("8")))
    assert [test.status for test in verdict.tests] == [verdict_pb2.ACCEPTED, verdict_pb2.WRONG_ANSWER]
    assert verdict.integrity.level == job_pb2.ISOLATED
    assert look(world.path) == before
    receipt = verdict.receipt
    assert receipt.action and receipt.pre_root == receipt.final_root != receipt.post_root
    action = world.actions.Get(action_pb2.GetActionRequest(id=receipt.action))
    assert Status.Name(action.status) == "DISCARDED" and action.rewards
    proven = world.actions.Verify(action_pb2.VerifyRequest(id=receipt.action, checkpoint=receipt.checkpoint))
    assert proven.ok


def test_what_else_changed_costs_a_check(world: World):
    (world.path / "in.txt").write_text("3 4\n")
    verdict = world.score(
        SUM + 'open("in.txt", "a").write("x")\n', wants(out("7"), nothing_else=True), feedback=job_pb2.ALL
    )
    (test,) = verdict.tests
    assert (test.checks.passed, test.checks.total) == (1, 2)
    assert "files:in.txt" in test.detail


def test_a_folder_that_was_moved_away_is_something_else_that_changed(world: World):
    (world.path / "in.txt").write_text("3 4\n")
    (world.path / "data").mkdir()
    (world.path / "data" / "a").write_text("x")
    moving = SUM + 'import os\nos.rename("data", "gone")\n'
    (test,) = world.score(moving, wants(out("7"), nothing_else=True), feedback=job_pb2.ALL).tests
    assert (test.status, test.checks.passed, test.checks.total) == (verdict_pb2.WRONG_ANSWER, 1, 2)
    assert "files:gone" in test.detail


def test_a_program_that_fails_is_not_paid_for_its_effects(world: World):
    (world.path / "in.txt").write_text("3 4\n")
    verdict = world.score(SUM + "raise SystemExit(1)\n", wants(out("7")))
    assert verdict.tests[0].status == verdict_pb2.RUNTIME_ERROR and verdict.tests[0].score == 0


def test_every_test_starts_from_the_workspace_as_it_is(world: World):
    append = 'open("log", "a").write("x")\n'
    once = job_pb2.EffectAssertion(resource="files:log", content="x")
    verdict = world.score(append, wants(once), wants(once), wants(once))
    assert verdict.passed


def test_a_program_sees_the_branch_that_the_job_names(world: World):
    world.run("echo 20 22 > in.txt", branch="prepared")
    verdict = world.score(SUM, wants(out("42")), branch="prepared")
    assert verdict.passed
    assert not (world.path / "in.txt").exists()
    world.actions.Undo(action_pb2.UndoRequest(branch="prepared"))


def test_rows_are_judged_where_the_test_names_the_database(world: World):
    with contextlib.closing(sqlite3.connect(world.path / "s.db")) as database:
        database.execute("create table t (id integer primary key, n int)")
        database.execute("insert into t values (1, 10)")
        database.commit()
    source = 'import sqlite3\nd = sqlite3.connect("s.db")\nd.execute("update t set n = 11 where id = 1")\nd.commit()\n'
    row = job_pb2.EffectAssertion(resource="sqlite:s.db#t/1", op="update", post_json='{"n": 11}')
    verdict = world.score(source, wants(row, nothing_else=True, databases=["s.db"]), feedback=job_pb2.ALL)
    assert verdict.passed, verdict.tests[0].detail


def test_tests_that_cannot_run_in_a_workspace_are_refused_by_name(world: World):
    request = job_pb2.ScoreRequest(
        program=job_pb2.Program(language="python", source="def f(): return 1", entry_point="f"),
        tests=[job_pb2.Test(call=job_pb2.CallTest(expected_json="1"))],
        workspace=str(world.path),
    )
    with pytest.raises(grpc.RpcError) as raised:
        world.rewards.Score(request)
    assert "tests[0].call" in raised.value.details()


def test_effects_without_a_workspace_are_refused(world: World):
    request = job_pb2.ScoreRequest(
        program=job_pb2.Program(language="python", source="1"), tests=[job_pb2.Test(effects=wants(nothing_else=True))]
    )
    with pytest.raises(grpc.RpcError) as raised:
        world.rewards.Score(request)
    assert "workspace" in raised.value.details()

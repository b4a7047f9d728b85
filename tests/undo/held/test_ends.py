"""Commits of held transactions that are cut short: before, after, and where nobody knows."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sandbox.effects.adapter import StatementError
from sandbox.effects.sqlite.apart import HeldApart as Held
from sandbox.settings import Settings
from sandbox.undo.action_runtime import ActionRuntime
from sandbox.undo.held_commit import HeldCommits
from sandbox.undo.holding import Holding
from sandbox.undo.opening import open_actions
from sandbox.v1 import action_pb2

ROWS = [(1, 10), (2, 20)]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "work" / "shop.db")) as db:
        db.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 10), (2, 20)")
    return tmp_path


@contextlib.asynccontextmanager
async def opened(shop: Path) -> AsyncIterator[ActionRuntime]:
    settings = Settings(state=shop / "state", workspace_roots=(shop / "work",))
    async with open_actions(settings, None) as actions:
        yield actions


async def held(actions: ActionRuntime, shop: Path, *statements: str) -> str:
    request = action_pb2.ExecuteRequest(
        workspace=str(shop / "work"),
        statements=statements or ["DELETE FROM t WHERE id = 2"],
        databases=[action_pb2.Database(name="shop.db", mode=action_pb2.Database.HELD)],
    )
    answer = await actions.execute(request)
    assert answer.action.status == action_pb2.Action.HELD, answer
    return answer.action.id


async def status(actions: ActionRuntime, action: str) -> str:
    found = await actions.get(action_pb2.GetActionRequest(id=action))
    return action_pb2.Action.Status.Name(found.status)


def rows(shop: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(shop / "work" / "shop.db", timeout=10)) as db:
        return db.execute("SELECT * FROM t").fetchall()


def die_after(commit: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """`commit`, and the process is gone: it tells and tidies nothing, as the kernel would leave it."""

    def dying(*arguments: object) -> object:
        commit(*arguments)
        monkeypatch.setattr(Holding, "actions", lambda _: [])
        raise Killed

    return dying


@pytest.mark.parametrize("committed", [True, False])
def test_a_death_in_a_commit_ends_before_or_after_it(shop: Path, monkeypatch: pytest.MonkeyPatch, committed: bool):
    async def first() -> str:
        async with opened(shop) as actions:
            action = await held(actions, shop)
            with monkeypatch.context() as patch:
                real = Held.commit if committed else Held.rollback
                patch.setattr(Held, "commit", die_after(real, monkeypatch))
                with pytest.raises(Killed):
                    await actions.commit(action_pb2.CommitRequest(id=action))
            return action

    async def second(action: str) -> str:
        async with opened(shop) as actions:
            found = await status(actions, action)
            if committed:
                assert (await actions.undo(action_pb2.UndoRequest(id=action))).done
            return found

    action = asyncio.run(first())
    assert rows(shop) == (ROWS[:1] if committed else ROWS)
    monkeypatch.undo()
    assert asyncio.run(second(action)) == ("COMMITTED" if committed else "DISCARDED")
    assert rows(shop) == ROWS


def test_a_commit_in_doubt_is_said_to_be_and_asked_about_again(shop: Path, monkeypatch: pytest.MonkeyPatch):
    fates: list[bool | None] = [None, True]

    def lost(self: Held) -> None:
        real(self)
        raise StatementError("the connection was lost")

    real = Held.commit
    monkeypatch.setattr(Held, "commit", lost)
    monkeypatch.setattr(Held, "fate", lambda _: fates.pop(0))

    async def both() -> None:
        async with opened(shop) as actions:
            action = await held(actions, shop)
            first = await actions.commit(action_pb2.CommitRequest(id=action))
            assert not first.done and await status(actions, action) == "IN_DOUBT"
            assert (await actions.commit(action_pb2.CommitRequest(id=action))).done
            assert await status(actions, action) == "COMMITTED"
            assert (await actions.undo(action_pb2.UndoRequest(id=action))).done

    asyncio.run(both())
    assert rows(shop) == ROWS


def test_a_commit_in_doubt_is_found_out_at_the_next_start(shop: Path, monkeypatch: pytest.MonkeyPatch):
    def lost(self: Held) -> None:
        real(self)
        raise StatementError("the connection was lost")

    real = Held.commit

    async def first() -> str:
        async with opened(shop) as actions:
            action = await held(actions, shop)
            with monkeypatch.context() as patch:
                patch.setattr(Held, "commit", lost)
                patch.setattr(Held, "fate", lambda _: None)
                await actions.commit(action_pb2.CommitRequest(id=action))
            return action

    async def second(action: str) -> str:
        async with opened(shop) as actions:
            return await status(actions, action)

    assert asyncio.run(second(asyncio.run(first()))) == "COMMITTED"
    assert rows(shop) == ROWS[:1]


def test_a_commit_that_the_database_refuses_stays_held(shop: Path):
    async def all_of_it() -> None:
        async with opened(shop) as actions:
            action = await held(
                actions, shop,
                "CREATE TABLE u (t INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
                "INSERT INTO u VALUES (99)",
            )  # fmt: skip
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("sandbox.undo.transitions.over_budget", lambda *_: "")
                ended = await actions.commit(action_pb2.CommitRequest(id=action))
            assert not ended.done and "FOREIGN KEY" in ended.message
            assert await status(actions, action) == "HELD"
            assert (await actions.undo(action_pb2.UndoRequest(id=action))).done

    asyncio.run(all_of_it())
    assert rows(shop) == ROWS


def test_another_process_on_the_same_home_leaves_it_to_the_one_that_holds_it(shop: Path):
    async def both() -> None:
        async with opened(shop) as holder, opened(shop) as other:
            action = await held(holder, shop)
            assert await other.recover() == []
            for verb, request in ((other.commit, action_pb2.CommitRequest(id=action)),
                                  (other.undo, action_pb2.UndoRequest(id=action))):  # fmt: skip
                ended = await verb(request)  # type: ignore[operator]
                assert not ended.done and "--server" in ended.message
            assert await status(other, action) == "HELD"
            assert (await holder.commit(action_pb2.CommitRequest(id=action))).done

    asyncio.run(both())
    assert rows(shop) == ROWS[:1]


def test_there_are_few_and_a_place_is_given_back(shop: Path, monkeypatch: pytest.MonkeyPatch):
    holding = Holding(most=1)
    holding.reserve("a", "/w", "sqlite", "x.db")
    with pytest.raises(Exception, match="1 transactions are held"):
        holding.reserve("b", "/w", "postgres", "x")
    holding.release("a")
    holding.reserve("b", "/w", "postgres", "x")
    holding.close()


def test_a_caller_who_hangs_up_leaves_nothing_held(shop: Path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n"

    async def hang_up() -> None:
        async with opened(shop) as actions:
            begun = asyncio.create_task(held(actions, shop, "DELETE FROM t", endless))
            while not any(actions._parts.holding.last(name) for name in actions._parts.holding.actions()):
                await asyncio.sleep(0)
            begun.cancel()
            with pytest.raises(asyncio.CancelledError):
                await begun
            assert actions._parts.holding.actions() == []
            assert await held(actions, shop)

    asyncio.run(hang_up())


def test_the_commit_is_in_the_journal_before_it_is_in_the_database(shop: Path, monkeypatch: pytest.MonkeyPatch):
    kinds: list[str] = []
    real = HeldCommits.commit

    def watched(self: HeldCommits, state: object, effects: object, append: Callable[..., None]) -> object:
        def told(kind: str, body: object) -> None:
            kinds.append(f"{kind} {len(rows(shop))}")
            append(kind, body)

        return real(self, state, effects, told)  # type: ignore[arg-type]

    monkeypatch.setattr(HeldCommits, "commit", watched)

    async def commit() -> None:
        async with opened(shop) as actions:
            await actions.commit(action_pb2.CommitRequest(id=await held(actions, shop)))

    asyncio.run(commit())
    assert kinds == ["transition 2"] and rows(shop) == ROWS[:1]

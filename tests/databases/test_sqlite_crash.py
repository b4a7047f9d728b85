"""Killed at any statement of an apply, a workspace's databases end before or after, all of them."""

from __future__ import annotations

import json
import os
import signal
import warnings
from pathlib import Path

import apsw
import pytest

from sandbox.effects.adapter import ConflictError
from sandbox.effects.sqlite.live import SqliteLive
from sandbox.model.effects import Effect, Side
from tests.databases.sqlite import Notes, Shop
from tests.databases.test_sqlite_conflicts import renamed

# Real kills: among the slower tests.
pytestmark = pytest.mark.jail

SETUP = "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES(1,'x'),(2,'y')"
ACT = "UPDATE t SET a='z' WHERE id=1; DELETE FROM t WHERE id=2; INSERT INTO t VALUES(3,'n')"


def killed_at(statement: int, live: SqliteLive, effects: list[Effect], to: Side, journal: Path) -> bool:
    """Applies in a process that kills itself before its nth statement; whether it got that far."""

    def note(kind: str, body: object, *, durable: bool = False) -> None:
        journal.write_text(json.dumps(body), encoding="utf-8")

    left = statement

    def count(*_: object) -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        apsw.connection_hooks.append(lambda db: db.set_exec_trace(count))
        live.apply(effects, to, note)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("to", ["post", "pre"])
def test_a_kill_at_any_statement_ends_before_or_after(mode: str, to: Side, tmp_path: Path) -> None:
    shop = Shop(tmp_path, f"PRAGMA journal_mode={mode}; {SETUP}")
    first = shop.act(ACT)
    effects = [*first, *(renamed(effect, "other.db") for effect in first)]
    other, journal = shop.root / "other.db", tmp_path / "journal"
    other.write_bytes(shop.file.read_bytes())
    source: Side = "pre" if to == "post" else "post"
    shop.lead(effects, source)
    sides = {source: shop.dump()}
    shop.lead(effects, to)
    sides[to] = shop.dump()
    ends, statement = set(), 0
    while True:
        shop.lead(effects, source)
        journal.unlink(missing_ok=True)
        statement += 1
        if not killed_at(statement, shop.live, effects, to, journal):
            break
        if journal.exists():
            ended = shop.live.recover(json.loads(journal.read_text(encoding="utf-8")), Notes())
        else:
            ended = source
        assert (shop.dump(), shop.dump(other)) == (sides[ended], sides[ended]), statement
        ends.add(ended)
    assert ends == {"pre", "post"}, "the kills came too early or too late to tell anything"
    assert statement > 20


def test_what_others_wrote_after_a_crash_is_not_overwritten_by_recovery(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = shop.act(ACT)
    shop.lead(effects, "post")
    ((_, begun),) = shop.notes.written
    shop.write("UPDATE t SET a='foreign'")
    there = shop.dump()
    with pytest.raises(ConflictError):
        shop.live.recover(begun, shop.notes)
    assert shop.dump() == there


def test_many_effects_are_noted_by_digest_and_recovered_from_the_store(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SETUP)
    effects = shop.act(
        "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i+1 FROM n LIMIT 500) INSERT INTO t SELECT i, i FROM n"
    )
    shop.lead(effects, "post")
    ((kind, begun),) = shop.notes.written
    assert (kind, begun["to"], begun["backend"]) == ("transition", "post", "sqlite")
    assert len(json.dumps(begun)) < 200
    assert shop.live.recover(begun, shop.notes) == "post"

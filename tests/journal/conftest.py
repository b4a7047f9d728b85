"""Journals on both stores, each test with an empty one. PostgreSQL is a real server, started once, on a socket."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.journal.journal import Journal
from tests.databases.server import Server, programs, serving
from tests.journal.victim import Victim

Opens = Callable[..., Journal]


def _needs_programs() -> None:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed, and only root can install it")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The DSN of a server that all tests use."""
    _needs_programs()
    with serving() as server:
        yield server.conninfo("postgres")


@pytest.fixture
def forgetful() -> Iterator[Server]:
    """A server that flushes nothing by itself, within the time of a test."""
    _needs_programs()
    with serving("wal_writer_delay = 10s\n") as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def dsn(request: pytest.FixtureRequest) -> str:
    """ "" for SQLite, or that of an empty PostgreSQL."""
    if request.param == "sqlite":
        return ""
    found: str = request.getfixturevalue("postgres")
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute("drop schema if exists journal cascade")
    return found


@pytest.fixture
def opens(tmp_path: Path, dsn: str) -> Iterator[Opens]:
    """Opens the test's journal: again and again the same one; all are closed at the end."""
    yield from _opening(tmp_path / "journal", dsn)


@pytest.fixture
def journal(opens: Opens) -> Journal:
    """The test's journal."""
    return opens()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Opens]:
    """Opens the test's journal, on SQLite."""
    yield from _opening(tmp_path / "journal", "")


def _opening(folder: Path, dsn: str) -> Iterator[Opens]:
    found: list[Journal] = []

    def opening() -> Journal:
        found.append(Journal(folder, dsn=dsn))
        return found[-1]

    yield opening
    for each in found:
        each.close()


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("victim") / "journal")


@pytest.fixture
def victim(original: Victim, tmp_path: Path) -> Victim:
    copy = Victim.__new__(Victim)
    copy.__dict__ |= original.__dict__ | {"folder": tmp_path / "journal"}
    shutil.copytree(original.folder, copy.folder)
    return copy

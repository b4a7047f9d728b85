"""Journals on both stores, each test with an empty one. PostgreSQL is a real server, started once, on a socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sandbox.journal.journal import Journal
from tests.journal.victim import Victim

Opens = Callable[..., Journal]


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


def _as_other() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    """A PostgreSQL server of our own, in a folder of its own, on a socket there."""

    def __init__(self, options: str) -> None:
        programs = _programs()
        if programs is None:
            pytest.skip("PostgreSQL's programs are not installed")
        self._programs, self._other = programs, _as_other()
        self._folder = tempfile.mkdtemp(prefix="journal-pg-")
        self._options = f"-c listen_addresses='' -c max_connections=40 -k {self._folder} {options}"
        self.dsn = f"host={self._folder} user=journal dbname=postgres"
        if self._other:
            os.chown(self._folder, self._other["user"], self._other["group"])
        self._run("initdb", "-A", "trust", "-U", "journal", "--no-sync")
        self.start()

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", f"{self._folder}/log", "-o", self._options, "start")

    def crash(self) -> None:
        """Stops at once, and has to recover when it starts."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        try:
            self.crash()
        finally:
            shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", f"{self._folder}/data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._other)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The DSN of a server that all tests use."""
    server = Server("-c fsync=off")
    yield server.dsn
    server.remove()


@pytest.fixture
def forgetful() -> Iterator[Server]:
    """A server that flushes nothing by itself, within the time of a test."""
    server = Server("-c wal_writer_delay=10s")
    yield server
    server.remove()


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

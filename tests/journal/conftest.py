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

_OPTIONS = "-c listen_addresses='' -c fsync=off -c max_connections=40 -k {}"
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The DSN of a server of our own."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed")
    folder = tempfile.mkdtemp(prefix="journal-pg-")
    other = _as_other()
    if other:
        os.chown(folder, other["user"], other["group"])
    data = f"{folder}/data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **other)

    try:
        run(f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "journal", "--no-sync")
        run(f"{programs}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", _OPTIONS.format(folder), "start")
        try:
            yield f"host={folder} user=journal dbname=postgres"
        finally:
            run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


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

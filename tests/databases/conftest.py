"""One PostgreSQL server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.databases.server import Server, serving


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Runs where nobody but superusers may connect to a database that is not theirs."""
    with serving() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as db:
            for name in ("postgres", "template1", "template0"):
                db.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        yield server

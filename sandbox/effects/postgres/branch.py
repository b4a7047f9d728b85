"""Branches of a PostgreSQL database: a clone of its own for an action, and a role that reaches that clone only.

The first clone of a session copies the database once, into a template that nobody may connect to (the server copies
only what nobody is connected to), with the journal installed; each branch is a clone of that template. Whatever a
branch did, dropping it is exact.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sandbox.effects.adapter import UnsupportedError
from sandbox.effects.postgres.catalog import SCHEMA, probe
from sandbox.effects.postgres.journal import Mark, collect, install, mark
from sandbox.effects.values import Keep
from sandbox.errors import SetupError
from sandbox.model.effects import Effect

_NAME = re.compile(r"[a-z0-9]{1,24}")
_CONNECTIONS = 8
_TEMPORARY = "256MB"
_END = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
_REACHABLE = """SELECT datname::text FROM pg_database
WHERE datallowconn AND has_database_privilege(%s, oid, 'CONNECT') ORDER BY 1"""
# In the clone: everything of users' becomes the branch's own, so that it may change the schema as well.
_OWN = f"""
DO $body$ DECLARE each record; BEGIN
  FOR each IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN
      ('information_schema', '{SCHEMA}') LOOP
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', each.nspname, {{role}});
  END LOOP;
  FOR each IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN
      ('information_schema', '{SCHEMA}') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid
      AND d.deptype IN ('a', 'i', 'e') AND (c.relkind = 'S' OR d.deptype = 'e')) LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO %I', each.name, {{role}});
  END LOOP;
END $body$;
"""
_GRANT = f"""
DO $body$ DECLARE each record; BEGIN
  FOR each IN SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN
      ('information_schema', '{SCHEMA}') LOOP
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', each.name, {{role}});
    EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO %I', each.name, {{role}});
    EXECUTE format('GRANT ALL ON ALL SEQUENCES IN SCHEMA %I TO %I', each.name, {{role}});
    EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA %I TO %I', each.name, {{role}});
  END LOOP;
END $body$;
"""


@dataclass(frozen=True, slots=True)
class Branch:
    """A clone and its role. `environment`: for the jail, whose mount of `socket_folder` is the way to the server."""

    name: str
    role: str
    environment: dict[str, str]
    socket_folder: str
    began: Mark


class Branches:
    """Of one database, for one session. `conninfo`: of a superuser, to the database that is branched.

    `database`: its name in effects. `own`: whether a branch owns its tables: it may then change the schema, and row
    security does not bind it. Names of what it makes begin with `sandbox_` and the session's, which `sweep` goes by.
    """

    def __init__(self, conninfo: str, database: str, session: str, *, own: bool = True) -> None:
        if not _NAME.fullmatch(session):
            raise ValueError(f"{session!r}: up to 24 small letters and digits")
        self._conninfo, self._database, self._own = conninfo, database, own
        self._source = str(conninfo_to_dict(conninfo)["dbname"])
        self._prefix = f"sandbox_{session}_"
        self._template = f"{self._prefix}template"

    def open(self) -> Branch:
        """Makes a branch. Raises UnsupportedError, SetupError, psycopg.Error; then nothing of it is left."""
        with self._admin() as db:
            self._make_template(db)
            name = f"{self._prefix}{secrets.token_hex(6)}"
            password = secrets.token_urlsafe(24)
            try:
                return self._make(db, name, password)
            except BaseException:
                self._remove(db, name)
                raise

    def collect(self, branch: Branch, keep: Keep, rows: int) -> list[Effect]:
        """What was done in a branch: connections to it are ended first. Raises QuotaError, psycopg.Error."""
        with self._admin() as db:
            db.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(branch.role)))
            db.execute(_END, (branch.name,))
        with self._connect(branch.name) as db:
            return collect(db, self._database, branch.began, keep, rows)

    def discard(self, branch: Branch) -> None:
        """Drops a branch, whoever is connected to it. Raises psycopg.Error."""
        with self._admin() as db:
            self._remove(db, branch.name)

    def close(self) -> None:
        """Drops the session's template and every branch that is left. Raises psycopg.Error."""
        with self._admin() as db:
            sweep(db, self._prefix)

    def _make(self, db: psycopg.Connection[Any], name: str, password: str) -> Branch:
        role, clone = sql.Identifier(name), sql.Identifier(name)
        db.execute(
            sql.SQL(
                "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT "
                "CONNECTION LIMIT {} PASSWORD {}"
            ).format(role, sql.Literal(_CONNECTIONS), sql.Literal(password))
        )
        # A superuser's to set: the role cannot lift it.
        db.execute(sql.SQL("ALTER ROLE {} SET temp_file_limit = {}").format(role, sql.Literal(_TEMPORARY)))
        elsewhere = [other for (other,) in db.execute(_REACHABLE, (name,))]
        if elsewhere:
            raise SetupError(
                f"a branch's role could connect to {', '.join(elsewhere)}",
                why="PUBLIC may connect to a database unless that is revoked",
                fix="; ".join(f'REVOKE CONNECT ON DATABASE "{other}" FROM PUBLIC' for other in elsewhere),
            )
        db.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(clone, sql.Identifier(self._template)))
        db.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(clone))
        db.execute(sql.SQL("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {}").format(clone, role))
        with self._connect(name) as inside:
            grant = sql.SQL(_OWN if self._own else _GRANT).format(role=sql.Literal(name))
            inside.execute(grant)
            began = mark(inside)
            where = inside.info
            environment = {
                "PGHOST": where.host,
                "PGPORT": str(where.port),
                "PGDATABASE": name,
                "PGUSER": name,
                "PGPASSWORD": password,
            }
            return Branch(name, name, environment, where.host, began)

    def _make_template(self, db: psycopg.Connection[Any]) -> None:
        exists = "SELECT 1 FROM pg_database WHERE datname = %s AND NOT datallowconn"
        if db.execute(exists, (self._template,)).fetchall():
            return
        self._remove(db, self._template)
        template = sql.Identifier(self._template)
        try:
            db.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(template, sql.Identifier(self._source)))
        except psycopg.errors.ObjectInUse as error:
            raise SetupError(
                f"{self._source} cannot be copied while others are connected to it",
                why=error.diag.message_detail or "",
                fix="branch it when nobody is connected, or name a copy that nobody uses",
            ) from error
        try:
            db.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(template))
            with self._connect(self._template) as inside:
                self._refuse(inside)
                install(inside)
            db.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(template))
        except BaseException:
            self._remove(db, self._template)
            raise

    def _refuse(self, db: psycopg.Connection[Any]) -> None:
        """Of what reaches out of a branch none may be in it."""
        out = [f"{finding.what}: {finding.why}" for finding in probe(db) if finding.leaves]
        if out:
            raise UnsupportedError(f"{self._source} cannot be branched", why="; ".join(out))

    def _remove(self, db: psycopg.Connection[Any], name: str) -> None:
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        db.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection[Any]:
        """To a database that is not the one that is copied."""
        return self._connect("postgres" if self._source != "postgres" else "template1")

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(self._conninfo, dbname=name), autocommit=True)


def sweep(db: psycopg.Connection[Any], prefix: str) -> list[str]:
    """Drops databases and roles whose names begin so: what a process that died left behind. Their names."""
    if not prefix.startswith("sandbox_"):
        raise ValueError(f"{prefix!r}: not ours")
    like = prefix.replace("_", "\\_") + "%"
    found = [name for (name,) in db.execute("SELECT datname::text FROM pg_database WHERE datname LIKE %s", (like,))]
    for name in found:
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    for (name,) in db.execute("SELECT rolname::text FROM pg_roles WHERE rolname LIKE %s", (like,)).fetchall():
        db.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
    return found

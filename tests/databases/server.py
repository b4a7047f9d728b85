"""A PostgreSQL server for tests: of Debian's package, in a folder of its own, on a unix socket only."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CONF = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
max_connections = 50
shared_buffers = 32MB
autovacuum = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


@dataclass(frozen=True)
class Server:
    """Where it listens, and who may do everything there."""

    folder: Path
    password: str
    initdb: Path

    def conninfo(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """For psycopg."""
        return (
            f"host={self.folder} port=5432 dbname={database} user={user} password={password or self.password} "
            "connect_timeout=10"
        )

    def start(self) -> None:
        """Returns when it can be connected to."""
        self._control("-l", self.folder / "data" / "log", "start")

    def crash(self) -> None:
        """Stops at once; it has to recover when it starts."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str | Path) -> None:
        _run([self.initdb.with_name("pg_ctl"), "-D", self.folder / "data", "-w", "-s", *arguments], _owner())


def programs() -> Path | None:
    """Where the package's programs are; as root the package is installed when it is missing."""
    found = _programs()
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], check=False, env=quiet, capture_output=True)
        found = _programs()
    return found


def _programs() -> Path | None:
    return max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None, key=lambda path: path.parts[-3])


@contextlib.contextmanager
def serving(settings: str = "") -> Iterator[Server]:
    """A running server, with more lines for its configuration. FileNotFoundError where PostgreSQL is not installed."""
    initdb = programs()
    if initdb is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    who = _owner()
    with tempfile.TemporaryDirectory(prefix="sandbox-postgres-") as name:
        folder = Path(name)
        if who:
            entry = pwd.getpwnam("postgres")
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            # Roles of branches reach the socket, and nothing else of the folder.
            folder.chmod(0o711)
        server = Server(folder, secrets.token_hex(16), initdb)
        secret = folder / "secret"
        secret.write_text(server.password, encoding="ascii")
        secret.chmod(0o444)
        _run([initdb, "-D", folder / "data", "-A", "scram-sha-256", "-U", "postgres", "--pwfile", secret, "-E", "UTF8",
              "--locale", "C", "-N"], who)  # fmt: skip
        secret.unlink()
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(_CONF.format(folder=folder) + settings)
        server.start()
        try:
            yield server
        finally:
            server.crash()


def _owner() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}


def _run(command: list[str | Path], who: dict[str, object]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)  # type: ignore[call-overload]

"""What a server is told when it starts."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass, field
from pathlib import Path


def _home() -> Path:
    given = os.environ.get("SANDBOX_HOME")
    return Path(given) if given else _xdg("XDG_CACHE_HOME", ".cache") / "sandbox"


def state_in(home: Path) -> Path:
    """Where what actions did is kept, when a home folder was named."""
    return home / "state"


def _state() -> Path:
    given = os.environ.get("SANDBOX_HOME")
    return state_in(Path(given)) if given else _xdg("XDG_STATE_HOME", ".local/state") / "sandbox"


def _policies() -> Path | None:
    """A user's own policies, for every verb: what was run under them is led under them, too."""
    given = os.environ.get("SANDBOX_POLICIES")
    return Path(given) if given else None


def _user() -> str:
    """Who runs this, for the record."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _xdg(name: str, otherwise: str) -> Path:
    """A base directory; the XDG specification wants one that is not absolute to be ignored."""
    given = Path(os.environ.get(name, ""))
    return given if given.is_absolute() else Path.home() / otherwise


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults suit a machine that does nothing else. Sizes in bytes.

    `cells`: programs that run at one time; one more than cores, since a cell waits at times for the kernel to take
    apart what a program left. `queue`: jobs that may wait or run; more are refused on unary calls and held back on
    streams. `flying_bytes`: bytes of requests that may wait or run. `home`: what can be made again (builds); `state`:
    what cannot (the journal of actions, their pre-images). `workspace_roots`: folders in which actions may take place.
    """

    address: str = "127.0.0.1:50051"
    cells: int = field(default_factory=lambda: (os.cpu_count() or 1) + 1)
    queue: int = 4096
    max_message_bytes: int = 256 << 20
    flying_bytes: int = 2 << 30
    suite_store_bytes: int = 1 << 30
    build_cache_bytes: int = 2 << 30
    # Programs times tests of one Matrix call: 200 programs on 300 tests.
    matrix_cells: int = 60_000
    home: Path = field(default_factory=_home)
    state: Path = field(default_factory=_state)
    workspace_roots: tuple[Path, ...] = ()
    # Whether a workspace may lie on a file system that is mounted below its root.
    workspace_mounts: bool = False
    store_bytes: int = 16 << 30
    # PostgreSQL databases that actions may use, by name: connection strings of a superuser.
    databases: tuple[tuple[str, str], ...] = ()
    # Of the same names: connection strings of the roles that statements of held transactions run as; no superusers.
    statement_roles: tuple[tuple[str, str], ...] = ()
    # A folder of policies in place of the shipped ones.
    policies: Path | None = field(default_factory=_policies)
    # A PostgreSQL server that several servers keep one journal on; none: a file below `state`.
    journal_dsn: str = ""
    # How long what was committed can be undone, in seconds.
    keep_s: int = 30 * 86_400
    principal: str = field(default_factory=_user)
    # Callers have to send it; empty: whoever reaches the server may call.
    token: bytes = field(default=b"", repr=False)
    warm: tuple[str, ...] = ("python",)
    # The runtimes that this server offers, of those that are there; empty: all.
    languages: tuple[str, ...] = ()

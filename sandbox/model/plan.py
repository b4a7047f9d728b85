"""Plans: everything a jail needs to know, decided before it starts. Made by `sandbox/plan.py`, obeyed by jails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.model.limits import Limits

# Actions run as these users of the host, in order: user 0 of an action is the first of them.
ACTION_IDS = 0x71000000
ACTION_IDS_COUNT = 65536


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of the host, shown read-only at `target`."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A host file, copied once to `target`: for small files, where a mount for each would cost more."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Text:
    """A small file made up here."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str
    to: str


@dataclass(frozen=True, slots=True)
class Folder:
    """An empty folder."""

    target: str


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty folder, laid over whatever a bind shows at `target`."""

    target: str


@dataclass(frozen=True, slots=True)
class Device:
    """A character device, by name: null, zero, full, random, urandom."""

    name: str


Entry = Bind | Copy | Text | Link | Folder | Blank | Device
Mode = Literal["main", "call", "exec", "command", "serve", "split", "suite", "compile", "check"]

# Id N of a workspace, of users and of groups alike, is ACTION_IDS + N on the host: in every action cell and branch.
ACTION_IDS = 0x71000000
ACTION_IDS_COUNT = 65536
# The last of them is the init's own: what runs as it could send signals to the process that holds a world together.
ACTION_INIT_ID = ACTION_IDS_COUNT - 1
WORKSPACE = "/workspace"
# Where the files of a program are laid out.
WORK = "/box/work"
# Where the only way out of a jail with egress listens, on the loopback interface of its own network namespace.
EGRESS_PORT = 3128


@dataclass(frozen=True, slots=True)
class Watched:
    """Denied system calls that are noticed as well as refused.

    `notice` is the filter that the init binds itself and all that it starts to; `rest` is what candidates load beside
    it, in place of `CellPlan.seccomp`. `errors` are the errnos that the init answers with, by call number.
    """

    notice: bytes
    rest: bytes
    errors: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class CellPlan:
    """A cell: its read-only root, how its init starts, and the bounds of everything that will run in it.

    Compared by identity: whoever makes plans makes each one once (`sandbox/planner.py`).
    """

    name: str
    root: tuple[Entry, ...]
    # The folder that the init's own files are laid over until it has loaded them.
    boot_mount: str
    interpreter: str
    # As the interpreter is given it: relative to WORK, or the whole path below it.
    main: str
    preload: tuple[str, ...]
    packages: tuple[str, ...]
    # What its init can do beside running and calling programs: the code of each takes memory that every fork copies.
    modes: tuple[Mode, ...]
    environment: tuple[tuple[str, str], ...]
    seccomp: bytes
    # None: nothing is noticed, as in cells that run no candidate.
    watched: Watched | None
    limits: Limits
    fresh: Literal["program", "test"]
    # What runs in it acts on a workspace: as one of 65535 users, with the rights of a workspace's owner.
    workspace: bool = False
    # TCP sockets of its own network namespace are granted, in which a listener of the server's is the only way out.
    egress: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """One file of a program. `path` is relative to the work folder."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class TestPlan:
    """One run in a cell: what is fed in, within which limits.

    `extra` is a file for the mode (the calls of a `call` test, the binary of a built program); `claims` asks for an
    empty file that comes back as `Ended.extra`. `crash_codes` are what an interpreter exits with after an
    exception that nobody caught: EOFError, UnicodeDecodeError, or any other. `environment` is laid over the cell's.
    """

    mode: Mode
    limits: Limits
    stdin: bytes = b""
    argv: tuple[str, ...] = ()
    seed: int | None = None
    extra: bytes | None = None
    claims: bool = False
    crash_codes: tuple[int, int, int] = (1, 1, 1)
    environment: tuple[tuple[str, str], ...] = ()

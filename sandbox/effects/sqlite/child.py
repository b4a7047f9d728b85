"""Compares two databases in a process of its own, which gives up its rights before it opens them.

Run by `capture.py`. The databases are copied first, by descriptor and under SQLite's own shared lock: the process that
serves must neither parse what a hostile program wrote nor close a descriptor of a database that it has locked (POSIX
drops all of a process's locks on a file when any descriptor of it is closed).
"""

from __future__ import annotations

import ctypes
import filecmp
import json
import os
import resource
import sys
from pathlib import Path

import apsw

from sandbox.effects.adapter import QuotaError
from sandbox.effects.sqlite.copying import copy_database
from sandbox.effects.sqlite.diff import differences
from sandbox.effects.sqlite.opening import harden, refuse_super_journal
from sandbox.model.effects import Effect

_NOBODY = 65534
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_CLONE_NEWNET, _CLONE_NEWIPC = 0x40000000, 0x08000000
_SLACK = 64 << 20


def main() -> int:
    """Reads one request from standard input; writes effects to standard output, or says on standard error why not."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    for side in ("pre", "post"):
        at = request[side]
        if at is None or not copy_database(at[0], at[1], folder / side):
            apsw.Connection(str(folder / side)).execute("PRAGMA user_version = 0").close()
    changed = not all(_same(folder / f"pre{end}", folder / f"post{end}") for end in ("", "-wal", "-journal"))
    _give_up_rights(folder, request["seconds"], request["memory"], request["output"])
    try:
        for effect in compare(folder, request["name"], request["rows"], request["seconds"], changed=changed):
            sys.stdout.write(json.dumps(effect.to_json(), separators=(",", ":")) + "\n")
        sys.stdout.write("end\n")
        sys.stdout.flush()
    except QuotaError as error:
        sys.stderr.write(f"quota\n{error.subject}")
        return 3
    except (apsw.Error, MemoryError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{type(error).__name__}: {str(error)[:200]}")
        return 4
    return 0


def compare(folder: Path, name: str, rows: int, seconds: float, *, changed: bool) -> list[Effect]:
    """The effects between the copies `pre` and `post` in a private folder."""
    db = apsw.Connection(":memory:")
    harden(db, seconds, attached=2)
    for side in ("pre", "post"):
        refuse_super_journal(folder / side)
        db.execute("ATTACH ? AS " + side, (str(folder / side),))
        # No other process knows the copies: then no shared memory is needed to read a write-ahead log.
        db.execute(f"PRAGMA {side}.locking_mode = EXCLUSIVE")
        db.execute(f"PRAGMA {side}.cell_size_check = ON")
    return differences(db, name, rows, changed=changed)


def _same(one: Path, other: Path) -> bool:
    if not (one.exists() and other.exists()):
        return one.exists() == other.exists()
    return filecmp.cmp(one, other, shallow=False)


def _give_up_rights(folder: Path, seconds: float, memory: int, output: int) -> None:
    size = max((path.stat().st_size for path in folder.iterdir()), default=0)
    libc = ctypes.CDLL(None, use_errno=True)
    if os.getuid() == 0:
        libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC)
        for path in (folder, *folder.iterdir()):
            os.chown(path, _NOBODY, _NOBODY)
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    cpu = int(seconds) + 1
    for what, limit in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, max(output, 2 * size) + _SLACK),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())

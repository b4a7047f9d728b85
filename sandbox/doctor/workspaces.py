"""Checks of what actions on workspaces need: branches, a place for the journal; and what only some of them need."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sandbox.doctor.result import Result, fail, ok, skip, warn
from sandbox.effects.blobs import Blobs
from sandbox.effects.branches.branch import open_branches
from sandbox.effects.files.entry import Entry
from sandbox.errors import SandboxError
from sandbox.journal.journal import Journal
from sandbox.journal.verify import verify

_NO_ACTIONS = "no action can change a workspace; programs can be scored all the same"
_SIZE, _INODES = 1 << 20, 64


def branches(state: Path) -> Result:
    """A branch is made, changed and looked at, and the workspace stays as it was."""
    try:
        with tempfile.TemporaryDirectory(prefix="sandbox-doctor-", dir=_nearest(state)) as folder:
            return _branched(Path(folder))
    except (SandboxError, OSError) as error:
        why = getattr(error, "why", "") or getattr(error, "strerror", "") or ""
        return fail(f"none works: {error}{f' ({why})' if why else ''}", _NO_ACTIONS, "run as root")


def _branched(workspace: Path) -> Result:
    (workspace / "seen").write_bytes(b"before")
    made = open_branches(workspace)
    try:
        with made.open(_SIZE, _INODES) as branch:
            fd = os.open("seen", os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, dir_fd=branch.mount)
            with os.fdopen(fd, "wb") as file:
                file.write(b"after it")
            found = {change.path: change.post for change in branch.collect().changes}
    finally:
        made.close()
    entry = found.get(b"seen")
    if (workspace / "seen").read_bytes() != b"before" or not isinstance(entry, Entry) or entry.size != 8:
        return fail(f"{made.backend}: what was changed in a branch was seen outside", _NO_ACTIONS, "report it, please")
    told = f"{made.backend}: what was changed in one was found, and nowhere else"
    return ok(f"{told}; limits: {'; '.join(made.limits)}" if made.limits else f"{told}; no limits")


def journal(state: Path) -> Result:
    """The file system of the state takes the journal and the store: records are flushed, read back and proven."""
    effect = "what actions do cannot be recorded, so none is run"
    try:
        with tempfile.TemporaryDirectory(prefix="sandbox-doctor-", dir=_nearest(state)) as name:
            return _recorded(Path(name), state)
    except (SandboxError, OSError) as error:
        return fail(f"{state}: {error}", effect, "SANDBOX_HOME=DIR, on a local file system such as ext4, xfs or btrfs")


def _recorded(folder: Path, state: Path) -> Result:
    with Journal(folder / "journal") as opened:
        opened.append("planned", {"argv": ["doctor"]}, action="doctor", durable=True)
        opened.checkpoint()
        report = verify(folder / "journal", vkey=opened.vkey)
    blobs = Blobs(folder / "blobs", _SIZE)
    try:
        same = blobs.read(blobs.put_bytes(b"pre-image")) == b"pre-image"
        blobs.barrier()
    finally:
        blobs.close()
    if not report.ok or not same:
        return fail(f"{state}: what was written did not come back", "nothing can be proven", "another file system")
    if _is_memory(folder):
        return warn(
            f"{state}: a record was flushed and proven, in memory",
            "journal and pre-images are gone after a restart",
            "SANDBOX_HOME=DIR, on a disk",
        )
    return ok(f"{state}: a record was flushed and proven, {shutil.disk_usage(folder).free >> 30} GiB free")


def postgresql(_: Path) -> Result:
    """Only actions that use a PostgreSQL database, and journals that lie in one, need it."""
    try:
        found = version("psycopg")
    except PackageNotFoundError:
        return skip("no psycopg; only --postgres and --journal need it: pip install 'reward-sandbox[undo]'")
    server = shutil.which("postgres") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))), None)
    return ok(f"psycopg {found}; {server or 'no server on this machine, any other will do'}")


def go(_: Path) -> Result:
    """Nothing of the runtime needs it: with it, somebody else's code can prove the journal."""
    found = shutil.which("go")
    return ok(f"{found}: `make journal-interop` can prove the journal") if found else skip("absent; nothing needs it")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest above it that is there: it has the same file system."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _is_memory(folder: Path) -> bool:
    with Path("/proc/self/mountinfo").open() as file:
        devices = {fields[2]: line.partition(" - ")[2].split()[0] for line in file if (fields := line.split())}
    device = folder.stat().st_dev
    return devices.get(f"{os.major(device)}:{os.minor(device)}") in ("tmpfs", "ramfs")


CHECKS = {"branches": branches, "journal": journal, "postgresql": postgresql, "go": go}

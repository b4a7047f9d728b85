"""Folders of spawners, each held by the server that made it; and what servers leave that are killed with their spawner.

The name of such a folder is the name of its cgroups, too. A lock on the folder itself says that its server lives: the
kernel lets go of it when the server ends, however that comes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

from sandbox.jail.cgroup import find_hierarchy, remove_all

_PREFIX, _DRAFT = "sandbox-cells-", "new-sandbox-cells-"


def make_folder() -> tuple[Path, int]:
    """A new folder, and the descriptor that holds it. The caller closes it, and removes the folder."""
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT))
    draft.chmod(0o755)
    held = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(held, fcntl.LOCK_EX)
    # It has its name only now that it is locked, so nobody takes it for a leftover.
    folder = draft.with_name(draft.name.removeprefix("new-"))
    draft.rename(folder)
    return folder, held


def clear_leftovers() -> None:
    """Removes folders and cgroups of servers of this user that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if os.fstat(held).st_uid == os.geteuid() and _lock(held):
                remove_all(find_hierarchy(), folder.name)
                with contextlib.suppress(OSError):
                    folder.rmdir()  # what was in it was mounted for the spawner only
        finally:
            os.close(held)


def _lock(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

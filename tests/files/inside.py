"""Doing things in a branch as an action does: as a user of its own, through the mount, in a mount namespace."""

from __future__ import annotations

import ctypes
import os
import pickle
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

from sandbox.effects.branches.branch import Branch
from sandbox.effects.branches.mounts import attach
from sandbox.effects.branches.overlay import users_of
from sandbox.model.plan import ACTION_IDS

_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_REC, _MS_PRIVATE = 0x4000, 1 << 18
_AT = b"/mnt"
_libc = ctypes.CDLL(None, use_errno=True)


def inside(branch: Branch, act: Callable[[], Any], *, uid: int = 0, gid: int = 0) -> Any:
    """What `act` returns, run in the branch's root by its user `uid`; what it raises is raised here."""
    return in_mount(branch.again(), act, uid=uid, gid=gid)


def in_mount(mount: int, act: Callable[[], Any], *, uid: int = 0, gid: int = 0) -> Any:
    users = users_of(ACTION_IDS)
    # A test's own child: nothing hostile writes to this pipe.
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            try:
                _enter(users, mount, uid, gid)
                answer = (True, act())
            except BaseException as error:  # noqa: BLE001
                error.__traceback__ = None
                answer = (False, (error, traceback.format_exc()))
            with os.fdopen(w, "wb") as file:
                pickle.dump(answer, file)
        finally:
            os._exit(0)
    os.close(w)
    with os.fdopen(r, "rb") as file:
        data = file.read()
    os.waitpid(child, 0)
    fine, value = pickle.loads(data)
    if not fine:
        value[0].add_note(value[1])
        raise value[0]
    return value


def _enter(users: int, mount: int, uid: int, gid: int) -> None:
    os.setns(users, _CLONE_NEWUSER)
    os.unshare(_CLONE_NEWNS)
    if _libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None):
        raise OSError(ctypes.get_errno(), "private mounts")
    attach(mount, _AT)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.umask(0o022)
    os.chdir(_AT)


@cache
def can_branch() -> bool:
    return os.geteuid() == 0

"""From the groups of `policies/seccomp.toml` to a filter. Names become numbers through libseccomp."""

from __future__ import annotations

import errno
import platform
from collections.abc import Sequence
from functools import lru_cache

import pyseccomp

from sandbox.policies import SeccompTable
from sandbox.seccomp.bpf import RET_ALLOW, RET_ERRNO, Answer, Narrow, compile_filter

_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag
_AF_UNIX = 1
_TIOCSTI = 0x5412
_DENIED = RET_ERRNO | errno.EPERM
# Calls that are granted for some arguments only.
_NARROWED: dict[str, Narrow] = {
    "clone": Narrow(0, "any_bit", _NAMESPACES, then=_DENIED, otherwise=RET_ALLOW),
    "socket": Narrow(0, "equals", _AF_UNIX, then=RET_ALLOW, otherwise=RET_ERRNO | errno.EAFNOSUPPORT),
    "socketpair": Narrow(0, "equals", _AF_UNIX, then=RET_ALLOW, otherwise=RET_ERRNO | errno.EAFNOSUPPORT),
    "ioctl": Narrow(1, "equals", _TIOCSTI, then=_DENIED, otherwise=RET_ALLOW),
}


def build_filter(table: SeccompTable, groups: Sequence[str], arch: str = "") -> bytes:
    """A deny-by-default filter that grants `groups`. Names that this libseccomp or this machine lacks are left out."""
    answers: dict[int, Answer] = {}
    for name, error in table.answers.items():
        if (number := _number(name)) is not None:
            answers[number] = RET_ERRNO | (0 if error == "OK" else int(getattr(errno, error)))
    for group in groups:
        for name in table.groups[group].calls:
            if (number := _number(name)) is not None:
                answers[number] = _NARROWED.get(name, RET_ALLOW)
    return compile_filter(arch or platform.machine(), answers, default=_DENIED)


# Newer than the libseccomp of some distributions; the same numbers on every architecture.
_NEWER = {"futex_waitv": 449, "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453}


@lru_cache(maxsize=1024)
def _number(name: str) -> int | None:
    try:
        number = int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))
    except ValueError:
        return _NEWER.get(name)
    return number if number >= 0 else _NEWER.get(name)

"""From the groups of `policies/seccomp.toml` to a filter. Names become numbers through libseccomp."""

from __future__ import annotations

import errno
import platform
from collections.abc import Collection, Sequence
from functools import lru_cache

import pyseccomp

from sandbox.model.plan import Watched
from sandbox.policies import SeccompTable
from sandbox.seccomp.bpf import RET_ALLOW, RET_ERRNO, RET_TRACE, RET_USER_NOTIF, Answer, Narrow, compile_filter

_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag
_AF_UNIX = 1
_AF_INET = 2
_NOT_STREAM = 0xE  # the bits of a socket's type that SOCK_STREAM has not, without those of its flags
_NOT_TCP = 0xFFFFFFFF & ~6
_TIOCSTI = 0x5412
# FS_IOC_SETFLAGS, for both sizes of a long, and FS_IOC_FSSETXATTR: flags of files, which no branch records.
_FILE_FLAGS = (0x40086602, 0x40046602, 0x401C5820)
_S_IFCHR = 0o020000  # a bit that devices have, and fifos, sockets and files have not
_DENIED = RET_ERRNO | errno.EPERM


def _all_but(argument: int, first: int, *rest: int) -> Narrow:
    return Narrow(argument, "equals", first, _DENIED, _all_but(argument, *rest) if rest else RET_ALLOW)


# Calls that are granted for some arguments only.
_NARROWED: dict[str, Narrow] = {
    "clone": Narrow(0, "any_bit", _NAMESPACES, then=_DENIED, otherwise=RET_ALLOW),
    "socket": Narrow(0, "equals", _AF_UNIX, then=RET_ALLOW, otherwise=RET_ERRNO | errno.EAFNOSUPPORT),
    "socketpair": Narrow(0, "equals", _AF_UNIX, then=RET_ALLOW, otherwise=RET_ERRNO | errno.EAFNOSUPPORT),
    "ioctl": _all_but(1, _TIOCSTI, *_FILE_FLAGS),
    "mknod": Narrow(1, "any_bit", _S_IFCHR, then=_DENIED, otherwise=RET_ALLOW),
    "mknodat": Narrow(2, "any_bit", _S_IFCHR, then=_DENIED, otherwise=RET_ALLOW),
}
# Clients of the listener that is an action's only way out; a protocol of its own would load a module of the kernel.
_TCP = Narrow(
    1,
    "any_bit",
    _NOT_STREAM,
    then=RET_ERRNO | errno.EPROTONOSUPPORT,
    otherwise=Narrow(2, "any_bit", _NOT_TCP, then=RET_ERRNO | errno.EPROTONOSUPPORT, otherwise=RET_ALLOW),
)
_UNIX_AND_TCP = Narrow(
    0,
    "equals",
    _AF_UNIX,
    then=RET_ALLOW,
    otherwise=Narrow(0, "equals", _AF_INET, then=_TCP, otherwise=RET_ERRNO | errno.EAFNOSUPPORT),
)


def build_filter(table: SeccompTable, groups: Sequence[str], arch: str = "", tcp: bool = False) -> bytes:
    """A deny-by-default filter that grants `groups`. Names that this libseccomp or this machine lacks are left out.

    With `tcp` socket(2) makes TCP sockets, too, where a group grants it at all.
    """
    return compile_filter(arch or platform.machine(), _answers(table, groups, tcp), default=_DENIED)


def build_watched(
    table: SeccompTable, groups: Sequence[str], arch: str = "", tcp: bool = False, own: Collection[str] = ()
) -> Watched | None:
    """The filters that notice the watched calls among those that `groups` do not grant; None where there are none.

    `own`: calls that the init makes itself, whose notices it would wait for itself to answer.
    Of two filters the kernel takes the stricter answer: an errno of the second would hide the first one's notice. So
    the second says RET_TRACE, which is weaker, and without a tracer is a refusal of its own (ENOSYS).
    """
    if table.watched is None:
        return None
    arch = arch or platform.machine()
    answers = _answers(table, groups, tcp)
    errors: dict[int, int] = {}
    for name in table.watched.calls:
        if name in own or (number := _number(name)) is None:
            continue
        denied = answers.get(number, _DENIED)
        # An answer of 0 says that the call was made; only refusals are noticed.
        if isinstance(denied, int) and denied != RET_ALLOW and (error := denied & 0xFFFF):
            errors[number] = error
    if not errors:
        return None
    notice: dict[int, Answer] = dict.fromkeys(errors, RET_USER_NOTIF)
    rest = answers | dict.fromkeys(errors, RET_TRACE)
    return Watched(
        notice=compile_filter(arch, notice, default=RET_ALLOW),
        rest=compile_filter(arch, rest, default=_DENIED),
        errors=tuple(sorted(errors.items())),
    )


def _answers(table: SeccompTable, groups: Sequence[str], tcp: bool) -> dict[int, Answer]:
    narrowed = {**_NARROWED, "socket": _UNIX_AND_TCP} if tcp else _NARROWED
    answers: dict[int, Answer] = {}
    for name, error in table.answers.items():
        if (number := _number(name)) is not None:
            answers[number] = RET_ERRNO | (0 if error == "OK" else int(getattr(errno, error)))
    for group in groups:
        for name in table.groups[group].calls:
            if (number := _number(name)) is not None:
                answers[number] = narrowed.get(name, RET_ALLOW)
    return answers


# Newer than the libseccomp of some distributions; the same numbers on every architecture.
_NEWER = {"futex_waitv": 449, "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453}


@lru_cache(maxsize=1024)
def _number(name: str) -> int | None:
    try:
        number = int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))
    except ValueError:
        return _NEWER.get(name)
    return number if number >= 0 else _NEWER.get(name)

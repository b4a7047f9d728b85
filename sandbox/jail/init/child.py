"""The candidate's own process, from the fork to the first byte of its program.

Everything that the init holds is closed and everything that it may do is given up, in this order: descriptors, limits,
uid, system calls. What comes back to the caller runs as the candidate.
"""

import os
import signal

# Names of its own for what every candidate calls once: the interpreter remembers each look-up in a module that it makes
# for the first time, and each such note copies a page.
from os import chdir, close, closerange, dup2, setgroups, setresgid, setresuid, setsid
from os import open as open_file
from os import write

from .calls import set_limit
from .kernel import Seccomp, make_dumpable
from .world import WORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CANDIDATE_ID = 1000
FIRST_EXTRA = 3
_HOME_PROC = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
# The exit code of a child that failed before it became a candidate.
TROUBLE = 66
# Python ignores these at its start; a program of another language expects their defaults.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def become_candidate(
    fds: "list[int]",
    trouble: int,
    rlimits: "list[tuple[int, object]]",
    seccomp: "Seccomp | None",
    become_actor: "Callable[[], None] | None" = None,
) -> None:
    """Turns this forked process into the candidate's. `fds` become 0, 1, 2, 3, ...; all others are closed.

    `become_actor` gives it another folder and other ids than those of a candidate, and few capabilities.
    A failure is told through `trouble` and ends the process; nothing of the program has run by then.
    """
    try:
        setsid()
        _be_first_to_go()
        for number, fd in enumerate(fds):
            dup2(fd, number, number < FIRST_EXTRA)
        last = dup2(trouble, len(fds), False)
        closerange(last + 1, 1 << 20)
        trouble = last
        chdir(WORK)
        for resource, limit in rlimits:
            set_limit(resource, limit)
        setgroups([])
        if become_actor is None:
            setresgid(CANDIDATE_ID, CANDIDATE_ID, CANDIDATE_ID)
            setresuid(CANDIDATE_ID, CANDIDATE_ID, CANDIDATE_ID)
        else:
            become_actor()
        make_dumpable()
        if seccomp is not None:
            seccomp.load()
        close(trouble)
    except BaseException as error:
        write(trouble, f"candidate: {type(error).__name__}: {error}".encode()[:4000])
        os._exit(TROUBLE)


def _be_first_to_go() -> None:
    """The init may be exempt from the OOM killer; whatever it starts is not."""
    # Through the cell's own proc: the world's is read-only, so that a candidate cannot take this back.
    score = open_file("self/oom_score_adj", os.O_WRONLY, 0o777, dir_fd=_HOME_PROC)
    write(score, b"1000")
    close(score)


def read_arguments(fd: "int | None") -> "list[str]":
    """The program's arguments: NUL-terminated, from a descriptor, so that the init never holds them."""
    if fd is None:
        return []
    with open(fd, "rb") as file:
        return [os.fsdecode(part) for part in file.read().split(b"\0")[:-1]]


def read_environment(fd: int) -> None:
    """The run's own variables: NUL-terminated NAME=VALUE, laid over the cell's."""
    for each in read_arguments(fd):
        name, _, value = each.partition("=")
        os.environ[name] = value


def restore_signals() -> None:
    """Gives signals the meaning that programs of other languages expect."""
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)


def execute(program: "str | int", argv: "list[str]") -> None:
    """Replaces this process by a program (a path, or an open descriptor). Does not return."""
    restore_signals()
    try:
        os.execve(program, argv, os.environ)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    os._exit(127)

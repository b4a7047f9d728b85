"""System calls that the standard library does not offer, through ctypes."""

import ctypes
import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MS_RDONLY = 1
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME = 2, 4, 8, 1024
MNT_DETACH = 2

CLONE_VM = 0x100
_CLONE_FILES = 0x400
_CLONE_VFORK = 0x4000
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
WORLD = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_SPEC_ALLOW, _SECCOMP_FILTER_FLAG_NEW_LISTENER = 1, 4, 8
_PR_SET_NO_NEW_PRIVS = 38

_SIGCHLD = 17
WALL = 0x40000000
_ANCHOR_STACK, _ERRAND_STACK = 16384, 1 << 18

# PyDLL keeps the GIL: a call here must not let another thread run between it and the fork that follows.
libc = ctypes.PyDLL(None, use_errno=True)
_prctl = libc.prctl
_pause = ctypes.cast(libc.pause, ctypes.c_void_p)
_Errand = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


def _stack(size: int) -> "tuple[ctypes.Array[ctypes.c_char], ctypes.c_void_p]":
    """Memory for a stack, and its upper end, from where it grows down."""
    memory = (ctypes.c_char * size)()
    return memory, ctypes.c_void_p((ctypes.addressof(memory) + size - 64) & ~15)


_anchor_memory, _anchor_stack = _stack(_ANCHOR_STACK)
_errand_memory, _errand_stack = _stack(_ERRAND_STACK)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def check(result: int, what: str) -> int:
    """The result of a call, or the OSError that it left."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {errno.errorcode.get(number, number)}")
    return result


def spawn_anchor(flags: int) -> int:
    """Starts a process that only waits to be killed, PID 1 of the namespaces in `flags`.

    It shares this process's memory and descriptors, so nothing is copied or kept open. It has a stack of its own and
    never returns from pause(). Its end sends no signal, so it stays until it is waited for (with WALL).
    """
    return int(check(libc.clone(_pause, _anchor_stack, flags | CLONE_VM | _CLONE_FILES, None), "clone"))


class Errand:
    """Work for a short-lived child that shares this process's memory, while this process stands still (as vfork).

    For what must be done by a process that really is inside a PID namespace; this one only sends its children there.
    """

    def __init__(self, work: "Callable[[], None]") -> None:
        self._error = 0

        def run(_: int) -> int:
            try:
                work()
            except OSError as error:
                self._error = error.errno or errno.EIO
            return 0

        self._run = _Errand(run)

    def go(self) -> None:
        """Does it. Raises what it raised."""
        self._error = 0
        flags = CLONE_VM | _CLONE_VFORK | _SIGCHLD
        pid = check(libc.clone(self._run, _errand_stack, flags, None), "clone")
        os.waitpid(pid, 0)
        if self._error:
            raise OSError(self._error, os.strerror(self._error))


def mount(source: bytes, target: bytes, kind: bytes, flags: int, options: bytes) -> None:
    """mount(2)."""
    check(libc.mount(source, target, kind, ctypes.c_ulong(flags), options), f"mount {os.fsdecode(target)}")


def detach(target: bytes) -> None:
    """Unmounts lazily; what still uses the mount keeps it."""
    check(libc.umount2(target, MNT_DETACH), f"umount {os.fsdecode(target)}")


def drop_inherited_capabilities(kept: "frozenset[int]" = frozenset()) -> None:
    """Leaves this process its capabilities, and its children no way to any but `kept`, which a child has to raise."""
    for capability in range(64):
        if capability not in kept and _prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel has
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint * 6)()  # effective, permitted, inheritable; low halves, then high halves
    check(libc.capget(header, sets), "capget")
    sets[2] = sets[5] = 0
    check(libc.capset(header, sets), "capset")


def make_dumpable() -> None:
    """Gives a process back its own /proc entries, which changing the uid took away."""
    check(_prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def flush_c_streams() -> None:
    """Writes what C code has buffered in its own streams."""
    libc.fflush(None)


class Cpus:
    """The CPUs that this process may run on, and forks that stay on the present one."""

    def __init__(self) -> None:
        self._all = os.sched_getaffinity(0)
        self._here = libc.sched_getcpu

    def fork(self) -> int:
        """os.fork; the child starts where what it copies is in the cache, and both may go anywhere afterwards."""
        try:
            os.sched_setaffinity(0, {self._here()})
        except OSError:
            pass  # it was taken from us at this moment; any other does
        pid = os.fork()
        os.sched_setaffinity(0, self._all)
        return pid


class Seccomp:
    """A compiled filter, kept in a form that can be loaded without allocating."""

    def __init__(self, bpf: bytes) -> None:
        self._bytes = ctypes.create_string_buffer(bpf, len(bpf))
        self._program = _FilterProgram(len(bpf) // 8, ctypes.addressof(self._bytes))
        self._reference = ctypes.byref(self._program)

    def load(self) -> None:
        """Binds this process, and all that it starts, to the filter for good."""
        check(_prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
        check(_prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._reference, 0, 0), "prctl(PR_SET_SECCOMP)")

    def listen(self) -> int:
        """Binds this privileged process, and all that it starts, and returns the filter's listener."""
        # A filter that is there to notice is no reason to slow this process down against itself.
        flags = _SECCOMP_FILTER_FLAG_NEW_LISTENER | _SECCOMP_FILTER_FLAG_SPEC_ALLOW
        call = _SECCOMP_CALL[os.uname().machine]
        return check(libc.syscall(call, _SECCOMP_SET_MODE_FILTER, flags, self._reference), "seccomp")

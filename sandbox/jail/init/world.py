"""The world of one program: fresh namespaces, an empty work folder, and the program's files in it.

An *anchor* process holds the namespaces as their PID 1. The init joins them, forks candidates into them, and leaves.
Killing the anchor kills everything inside; the kernel lets nobody wait for it before all of them are gone.
"""

import errno
import os
import signal

from . import kernel

BOX = "/box"
WORK, TMP, SHM = BOX + "/work", BOX + "/tmp", BOX + "/shm"
_FOLDERS = (WORK, TMP, SHM)
_BOX_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOATIME
_PROC_FLAGS = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
_MAX_FILES = 65536


_PROC_OPTIONS = b"subset=pid,hidepid=invisible"
# Without the option `pidns`, which Linux 6.18 has, a proc filesystem shows the namespace of whoever mounts it.
_mount_proc_inside = kernel.Errand(lambda: kernel.mount(b"proc", b"/proc", b"proc", _PROC_FLAGS, _PROC_OPTIONS))


def _mount_proc(anchor: int) -> int:
    """How many processes it took inside."""
    try:
        kernel.mount(b"proc", b"/proc", b"proc", _PROC_FLAGS, _PROC_OPTIONS + b",pidns=/proc/%d/ns/pid" % anchor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _mount_proc_inside.go()
        return 1
    return 0


def _new_inode() -> int:
    """Uses up an inode number of the box, which counts them by itself, and says which."""
    fd = os.open(BOX, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC)
    try:
        return os.fstat(fd).st_ino
    finally:
        os.close(fd)


class World:
    """Namespaces for one program. Made empty, filled and sealed once, left once."""

    def __init__(self, home: "Home", disk_bytes: int, flags: int = kernel.WORLD) -> None:
        self._home = home
        self.disk_bytes = disk_bytes
        self.used = False
        # The last PID given in here by the init; once a candidate is there, its own processes take the next ones.
        self.newest = 1
        # The init itself has looked through /proc, so what is known there tells nothing of candidates.
        self.searched = False
        # An anchor that ignores SIGCHLD reaps orphans without ever running.
        previous = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            self._anchor = kernel.spawn_anchor(flags)
        finally:
            signal.signal(signal.SIGCHLD, previous)
        try:
            pidfd = os.pidfd_open(self._anchor)
            try:
                os.setns(pidfd, flags)
            finally:
                os.close(pidfd)
            self.newest += _mount_proc(self._anchor)
            self.mount_box()
        except BaseException:
            self.leave()
            self.empty()
            raise

    def mount_box(self) -> None:
        """Lays a new, empty tmpfs of `disk_bytes` over the box."""
        options = f"size={self.disk_bytes},nr_inodes={_MAX_FILES},mode=755".encode()
        kernel.mount(b"tmpfs", BOX.encode(), b"tmpfs", _BOX_FLAGS, options)
        mask = os.umask(0)
        for folder in _FOLDERS:
            os.mkdir(folder, 0o1777)
        os.umask(mask)

    def fill(self, bundle: int, files: "list[tuple[str, int, int, bool]]") -> None:
        """Copies the program's files from `bundle` (path, offset, size, executable), without reading them here."""
        for path, offset, size, executable in files:
            target = f"{WORK}/{path}"
            if "/" in path:
                os.makedirs(os.path.dirname(target), exist_ok=True)
            # Root's, in a sticky folder: a candidate can neither change nor replace it.
            out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if executable else 0o644)
            try:
                while size > 0:
                    sent = os.sendfile(out, bundle, offset, size)
                    if sent == 0:
                        raise OSError(f"{path}: the bundle is too short")
                    offset, size = offset + sent, size - sent
            finally:
                os.close(out)

    def seal(self) -> None:
        """Remembers how the folders look now that they are filled."""
        self.used = True
        for folder in _FOLDERS:
            os.utime(folder, ns=(0, 0))  # far from any time that a change in the same tick of the clock would leave
        self._stamps = self._look()
        self._next_inode = _new_inode()

    def is_untouched(self) -> bool:
        """Whether every writable folder is as `seal` found it: a file made and removed again shows, too.

        One without a name shows in no folder. It uses up an inode number, which a later test could read.
        """
        self._next_inode += 1
        return self._look() == self._stamps and _new_inode() == self._next_inode

    def _look(self) -> "list[tuple[int, int]]":
        stats = [os.stat(folder) for folder in _FOLDERS]
        return [(s.st_mtime_ns, s.st_nlink) for s in stats]

    def leave(self) -> None:
        """Goes home and tells all that lives here to die, without waiting for it: the kernel has much to take apart."""
        self._home.enter()
        if self._anchor:
            os.kill(self._anchor, signal.SIGKILL)

    def empty(self) -> None:
        """Kills all that lives here, and returns when nothing is left. Files can be seen as long as nobody leaves."""
        if self._anchor:
            os.kill(self._anchor, signal.SIGKILL)
            while os.waitpid(-1, kernel.WALL)[0] != self._anchor:
                pass  # a candidate, or what it made this process's child: nobody else would wait for it
            self._anchor = 0


class Home:
    """The init's own namespaces, to come back to."""

    def __init__(self) -> None:
        self._mounts = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        self._pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._load = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)

    def enter(self) -> None:
        """Leaves whatever world this process had joined."""
        os.setns(self._mounts, kernel.CLONE_NEWNS)
        os.setns(self._pids, kernel.CLONE_NEWPID)

    def newest_process(self) -> int:
        """The last number that a process or thread of this cell was given, in whatever world it lives."""
        return int(os.pread(self._load, 128, 0).rpartition(b" ")[2])

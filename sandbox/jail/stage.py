"""Lays out the read-only root of cells on a tmpfs that only the spawner's mount namespace shows.

Small files are copied, large folders are bound: every mount of a root costs time whenever a program gets a mount
namespace of its own, so there are as few as possible.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from sandbox.jail import hugepages
from sandbox.model.plan import Bind, Blank, Copy, Device, Entry, Folder, Link, Text

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_STAGE = "mode=755,size=512m"
_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
_libc = ctypes.CDLL(None, use_errno=True)


class Stage:
    """All staged roots of one spawner, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots: dict[tuple[Entry, ...], Path] = {}
        self._copies: dict[str, Path] = {}
        os.unshare(os.CLONE_NEWNS)
        _mount("none", "/", "", _MS_REC | _MS_PRIVATE)
        _mount_stage(folder)

    def close(self) -> None:
        """Removes the folder; what is staged goes with the mount namespace."""
        _libc.umount2(str(self._folder).encode(), _MNT_DETACH)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def root(self, entries: tuple[Entry, ...]) -> Path:
        """The folder that holds `entries`, laid out the first time that it is asked for."""
        if entries not in self._roots:
            target = self._folder / f"root{len(self._roots)}"
            target.mkdir()
            _lay_out(target, entries, self._copy)
            self._roots[entries] = target
        return self._roots[entries]

    def _copy(self, source: str, target: Path) -> None:
        """Roots share one copy of a file, and so the memory of whoever maps it."""
        if source not in self._copies:
            folder = self._folder / "copies"
            folder.mkdir(exist_ok=True)
            copy = folder / str(len(self._copies))
            shutil.copyfile(source, copy)
            copy.chmod(0o755)
            hugepages.prepare(copy)
            self._copies[source] = copy
        target.hardlink_to(self._copies[source])

    def boot(self, init: Path, preload: str) -> Path:
        """The folder with the init's own files, which a cell shows only until they are loaded."""
        target = self._folder / f"boot-{abs(hash(preload)):x}"
        if not target.exists():
            target.mkdir()
            shutil.copytree(init, target / "_cell", ignore=shutil.ignore_patterns("__pycache__"))
            (target / "preload.json").write_text(preload)
            (target / "sitecustomize.py").write_text("import _cell.preload\nimport _cell.boot\n_cell.boot.main()\n")
            _make_read_only(target)
        return target


def _mount_stage(folder: Path) -> None:
    # No flags: nsjail remounts its root with none but read-only, and may not drop what was set out here.
    try:
        _mount("tmpfs", str(folder), "tmpfs", 0, f"{_STAGE},huge=within_size")
    except OSError:  # a kernel without huge pages
        _mount("tmpfs", str(folder), "tmpfs", 0, _STAGE)


def _lay_out(root: Path, entries: tuple[Entry, ...], copy: Callable[[str, Path], None]) -> None:
    # Binds come last, and a blank before what goes into it: a bind hides what was laid out below it.
    for entry in sorted(entries, key=_order):
        _place(root, entry, copy)
    # Not on everybody's PATH.
    subprocess.run(
        ["ldconfig", "-X", "-r", str(root)],
        env={"PATH": "/usr/sbin:/sbin"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    _make_read_only(root)


def _order(entry: Entry) -> int:
    if isinstance(entry, Blank):
        return 2
    if isinstance(entry, Bind):
        return 3 if "/site-packages/" in entry.target else 1
    return 0


def _make_read_only(folder: Path) -> None:
    """For good: inside the jail's user namespace the flag is locked, and nsjail need not remount."""
    _mount(str(folder), str(folder), "", _MS_BIND | _MS_REC)
    _mount("none", str(folder), "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY)


def _place(root: Path, entry: Entry, copy: Callable[[str, Path], None]) -> None:
    if isinstance(entry, Device):
        path = root / "dev" / entry.name
        path.parent.mkdir(exist_ok=True)
        os.mknod(path, 0o020666, os.makedev(*_DEVICES[entry.name]))
        path.chmod(0o666)
        return
    path = root / entry.target.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry, Folder):
        path.mkdir(parents=True, exist_ok=True)
    elif isinstance(entry, Text):
        path.write_text(entry.text)
    elif isinstance(entry, Link):
        path.symlink_to(entry.to)
    elif isinstance(entry, Copy):
        copy(entry.source, path)
    elif isinstance(entry, Blank):
        _mount("tmpfs", str(path), "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=1m")
    elif isinstance(entry, Bind):
        if Path(entry.source).is_dir():
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.touch()
        _mount(entry.source, str(path), "", _MS_BIND | _MS_REC)
        _mount("none", str(path), "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    if _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} on {target}: {os.strerror(number)}")

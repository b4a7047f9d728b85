"""Runs programs of attacks as weak graders do: without a jail, but bounded, and with nothing left of them afterwards.

They write in their own folder and nowhere else (`confine.py`): no attack may come true on the machine that tests it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.attack import Attack

SECONDS = 10.0
# CPU seconds, KiB of address space, files of 512-byte blocks, descriptors; no core files.
_BOUNDS = 'ulimit -t 20 && ulimit -v 2000000 && ulimit -f 65536 && ulimit -n 200 && ulimit -c 0 && exec "$@"'
_CONFINE = Path(__file__).with_name("confine.py")
# Whatever a program starts inherits this name, so that it is found wherever it went.
_MARK = "ATTACK_RUN"


@dataclass(frozen=True)
class Ran:
    """How a program ended. `code` is None where its time was up."""

    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float


@contextlib.contextmanager
def work_folder(attack: Attack) -> Iterator[Path]:
    """A new folder with the program's files."""
    with tempfile.TemporaryDirectory(prefix="attack-") as made:
        folder = Path(made)
        for path, data in attack.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        yield folder


@contextlib.contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, **how: object
) -> Iterator[subprocess.Popen[bytes]]:
    """A bounded process of its own session. With the block it ends, and whatever it started."""
    mark = f"{_MARK}={uuid.uuid4().hex}"
    name, value = mark.split("=")
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}
    # Isolated, so that nothing that a program left in the folder runs before the bounds stand.
    bounded = [sys.executable, "-I", "-S", "-B", str(_CONFINE), str(folder), "sh", "-c", _BOUNDS, "sh", *command]
    process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
        bounded, cwd=folder, env={**own, **(environment or {}), name: value}, start_new_session=True, **how
    )
    try:
        yield process
    finally:
        process.kill()
        _kill_marked(mark.encode())
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def run(
    command: Sequence[str],
    folder: Path,
    stdin: bytes = b"",
    seconds: float = SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Runs a command to its end, or for so many seconds; output that came until then is kept."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin)
        given.seek(0)
        began = time.monotonic()
        with started(command, folder, environment, stdin=given, stdout=out, stderr=err) as process:
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
        took = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read(), err.read(), took)


def python(
    path: str,
    folder: Path,
    stdin: bytes = b"",
    seconds: float = SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Runs a file with this interpreter."""
    return run([sys.executable, path], folder, stdin, seconds, environment)


def _kill_marked(mark: bytes) -> None:
    """Kills every process with that mark in its environment, until none is found."""
    for _ in range(20):
        found = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _is_marked(pid, mark)]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _is_marked(pid: int, mark: bytes) -> bool:
    with contextlib.suppress(OSError):
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False

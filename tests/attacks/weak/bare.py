"""Runs programs for the weak graders, each in a folder of its own, bounded, and confined to that folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.v1 import job_pb2
from tests.programs.corpus import Case

SECONDS = 3.0
ANSWER = "expected_output.txt"

# Sets the limits and becomes the program: the same process, so that its parent is the grader.
_BOUNDED = """
import os, resource, sys
for name, value in (("AS", 2 << 30), ("CPU", 4), ("FSIZE", 256 << 20), ("NOFILE", 256), ("CORE", 0), ("NPROC", 256)):
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
os.execv(sys.argv[1], sys.argv[1:])
"""
_CONFINE = Path(__file__).with_name("confine.py")
# Off for harmless attacks whose way out of a run is what confines others: ports, numbers of processes and inodes.
confining = True
_COMPILERS = {"c": "gcc", "cpp": "g++"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program left. `late` means that it was stopped after its seconds."""

    stdout: str
    code: int
    late: bool
    seconds: float


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """An empty folder that goes away, whatever a program made in it."""
    path = Path(tempfile.mkdtemp(prefix="weak-"))
    try:
        yield path
    finally:
        subprocess.run(["rm", "-rf", str(path)], check=False, stderr=subprocess.DEVNULL)


def lay_out(request: job_pb2.ScoreRequest, place: Path) -> None:
    """Writes the program's files."""
    program = request.program
    if program.source:
        (place / _main(program)).write_text(program.source, encoding="utf-8")
    for file in program.files:
        path = place / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data or file.text.encode())
        path.chmod(0o755 if file.executable else 0o644)


def command(request: job_pb2.ScoreRequest, place: Path) -> list[str]:
    """How the program in `place` is started; compiles it first where it has to be. Empty when that fails."""
    program = request.program
    if program.language == "python":
        return [sys.executable, _main(program)]
    built = place / "program.bin"
    line = [_COMPILERS[program.language], "-o", str(built), _main(program), "-lm"]
    return [str(built)] if compiled(line, place) else []


def confined(place: Path, line: Sequence[str]) -> list[str]:
    """The command that runs `line` where nothing but `place` can be changed: no attack may come true here."""
    if not confining:
        return [*line]
    return [sys.executable, "-I", "-S", "-B", str(_CONFINE), str(place), *line]


def compiled(line: Sequence[str], place: Path) -> bool:
    """Runs a compiler; whether it succeeded."""
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(place)}
    made = subprocess.run(
        confined(place, line), cwd=place, env=environment, capture_output=True, timeout=20, check=False
    )
    return made.returncode == 0


def run(
    line: Sequence[str],
    place: Path,
    stdin: str = "",
    *,
    seconds: float = SECONDS,
    environment: dict[str, str] | None = None,
    keep: Sequence[int] = (),
) -> Ran:
    """Runs one program to its end, or to the end of its seconds; its process group is killed in both cases."""
    began = time.monotonic()
    process = subprocess.Popen(
        confined(place, [sys.executable, "-I", "-S", "-c", _BOUNDED, *line]),
        cwd=place,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=tuple(keep),
    )
    late = False
    try:
        out, _ = process.communicate(stdin.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
        _kill_group(process.pid)
        out, _ = process.communicate()
    else:
        _kill_group(process.pid)
    return Ran(out.decode(errors="replace"), process.returncode, late, time.monotonic() - began)


def run_case(case: Case, place: Path, number: int = 0, **options: object) -> Ran:
    """Runs one stdio test of a case whose program was not laid out yet."""
    request = case.request
    lay_out(request, place)
    line = command(request, place)
    stdin = request.tests[number].stdio.stdin
    return run(line, place, stdin, **options) if line else Ran("", 1, False, 0.0)  # type: ignore[arg-type]


def python(harness: str, place: Path, *arguments: str, seconds: float = SECONDS) -> Ran:
    """Runs Python text of a grader that shares its process with the program: `harness`, with its arguments."""
    return run([sys.executable, "-c", harness, *arguments], place, seconds=seconds)


def path_of(tool: str) -> str:
    """Where a command is; OSError when it is not installed."""
    found = shutil.which(tool)
    if found is None:
        raise FileNotFoundError(tool)
    return found


def job_text(case: Case) -> str:
    """The tests as such a harness takes them: JSON."""
    tests = case.request.tests
    return json.dumps(
        [
            {"stdin": each.stdio.stdin, "expected": each.stdio.expected_stdout}
            if each.HasField("stdio")
            else {"args": each.call.args_json or "[]", "expected": each.call.expected_json}
            for each in tests
        ]
    )


def equal(out: str, test: job_pb2.Test) -> bool:
    """Whether an output is what a stdio test expects."""
    return out.split() == test.stdio.expected_stdout.split()


def _main(program: job_pb2.Program) -> str:
    return program.main or {"python": "main.py", "c": "main.c", "cpp": "main.cpp"}[program.language]


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)

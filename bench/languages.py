"""`python -m bench.languages`: what a program that adds two numbers takes in every installed language, as a table.

Prints docs/languages.md: the build, the same command without a jail, and this server, medians of nine runs.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import grpc

from sandbox.build.packing import FOLDER, packing
from sandbox.catalog import Catalog
from sandbox.commands import fill
from sandbox.model.limits import Limits
from sandbox.model.plan import File
from sandbox.programs import program_files
from sandbox.runtimes import Runtime
from sandbox.v1 import job_pb2, reward_pb2_grpc
from tests.serving import serving

_RUNS = 9
_HEAD = """# Languages

What a program that reads two numbers and prints their sum takes: milliseconds on the clock, medians of {runs} runs, one
program at a time. Written by `python -m bench.languages`{busy}.
The build happens once for each program; "bare" is the same command without a jail, and "server" is the run inside one,
as the verdict tells it.

| runtime | language | version | build | bare | server | CPU |
|---|---|---|---|---|---|---|
"""
_TAIL = """
How startup is kept short: JVMs share the archive of the JDK's own classes, compile with the first compiler alone and
collect in one thread; Ruby starts without RubyGems, R with four packages and without its shell script, PHP without
php.ini, PyPy without `site`; Node collects in one thread; Go is compiled and linked by the tools themselves over the
compiled library that Debian ships, so that there is no build cache that a program could write to; g++ finds
`bits/stdc++.h` compiled ahead. TypeScript's types are taken out and not checked.

Not offered: Kotlin (Debian's is 1.3, 71 packages), Scala (2.11), Dafny, Coq and Agda (up to a gigabyte installed, and
seconds for each run).

HumanEval-X, every canonical solution with its tests as one program (`HUMANEVAL_X=FOLDER pytest
tests/languages/test_humaneval_x.py`). Each that fails here fails
with the same command without a jail, too:

| | accepted | the others |
|---|---|---|
| C++ | 160 of 164 | CPP/22, CPP/38, CPP/137, CPP/162: headers that are not there (boost), or g++ refuses the code |
| Go | 163 of 164 | Go/158 |
| Java | 164 of 164 | |
| JavaScript | 161 of 164 | JavaScript/112, 155: wrong, which `console.assert` only prints; 162 needs a module |
| Rust | 158 of 164 | Rust/32, 38, 50, 53, 91, 162: crates, and features that rustc 1.63 has not |
"""


def main() -> None:
    """Prints the page."""
    catalog = Catalog()
    busy = f", with a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(_HEAD.format(runs=_RUNS, busy=busy), end="")
    home = tempfile.mkdtemp()
    with serving(home, cells=1, languages=()) as running, grpc.insecure_channel(running.address) as channel:
        stub = reward_pb2_grpc.RewardServiceStub(channel)
        for name in catalog.offered():
            runtime = catalog.runtime(name)
            build, server, cpu = _server(stub, runtime)
            bare = "" if runtime.table.interpreter is not None else f"{_bare(runtime):.0f}"
            cells = (f"`{name}`", runtime.table.language, runtime.version, build, bare, f"{server:.0f}", f"{cpu:.0f}")
            print(f"| {' | '.join(cells)} |", flush=True)
    print(_TAIL, end="")


def _server(stub: reward_pb2_grpc.RewardServiceStub, runtime: Runtime) -> tuple[str, float, float]:
    request = job_pb2.ScoreRequest(id="bench")
    test = runtime.table.selftest
    # A comment of nothing: the self-test itself is built already.
    request.program.language, request.program.source = runtime.name, test.source + "\n"
    for _ in range(_RUNS):
        request.tests.add(stdio=job_pb2.StdioTest(stdin=test.stdin, expected_stdout=test.stdout))
    first, second = stub.Score(request).verdict, stub.Score(request).verdict
    build = f"{first.build.wall_ms:.0f}" if runtime.table.build is not None else ""
    return build, median(each.wall_ms for each in second.tests), median(each.cpu_ms for each in second.tests)


def _bare(runtime: Runtime) -> float:
    """Milliseconds of one run of the runtime's own command, as this user, without a jail."""
    table, test = runtime.table, runtime.table.selftest
    program = job_pb2.Program(language=runtime.name, source=test.source)
    files, main = program_files(program, runtime)
    places = (*runtime.building.tools, *runtime.running.tools)
    # The language's own folders first: `link` is a tool of Go, and one of coreutils.
    own = [str(Path(each).parent) for _, each in places if Path(each).parent != Path("/usr/bin")]
    path = ":".join(dict.fromkeys([*own, os.environ["PATH"]]))
    environment = {"PATH": path, "LANG": "C.UTF-8", "HOME": "/tmp", **table.environment}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.path).write_bytes(file.data)
        command = _built(runtime, files, main, folder, environment)
        times = []
        for _ in range(_RUNS):
            begun = time.monotonic()
            subprocess.run(
                command, input=test.stdin.encode(), env=environment, cwd=folder, capture_output=True, check=True
            )
            times.append((time.monotonic() - begun) * 1000)
    return median(times)


def _built(
    runtime: Runtime, files: Sequence[File], main: str, folder: str, environment: dict[str, str]
) -> tuple[str, ...]:
    """Builds where the language is built; the command of a run."""
    table = runtime.table
    limits = Limits(*[1 << 30] * 9)
    if table.build is not None:
        output = str(Path(folder, table.build.output or "program"))
        inner = str(Path(folder, Path(FOLDER).name)) if table.build.packed else output
        command = _outside(fill(table.build.command, main, limits, files, inner), runtime.building.tools)
        if table.build.packed:
            command = ("python3", *packing(command, inner, output)[1:])
        Path("/box/tmp").mkdir(parents=True, exist_ok=True)
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        if table.run is None:
            return (output,)
    assert table.run is not None
    return _outside(fill(table.run.command, main, limits), runtime.running.tools)


def _outside(command: tuple[str, ...], tools: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The command with the host's own program at its front."""
    return (dict(tools)[Path(command[0]).name], *command[1:])


if __name__ == "__main__":
    main()

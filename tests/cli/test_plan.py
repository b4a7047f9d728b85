"""`sandbox plan`: everything that a jail would be told, without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command, job, lines, prints
from tests.cli.conftest import Here

JOB = job(
    "j1",
    "print(input())",
    {"id": "small", "limits": {"cpu_time_ms": 500}, **prints("SECRET-ANSWER", stdin="four")},
    {"call": {"function": "f", "args_json": "[1]", "expected_json": '"SECRET-ANSWER"'}},
    policy="strict",
    seed=7,
)


def plan(here: Here, *arguments: object, stdin: bytes = b"") -> dict[str, Any]:
    ended = here("plan", "--json", *arguments, stdin=stdin)
    assert ended.code == 0, ended.err
    data: dict[str, Any] = json.loads(ended.out)
    return data


def test_a_job_is_planned_whole(here: Here) -> None:
    data = plan(here, "-", stdin=lines(JOB))
    assert data["id"] == "j1"
    assert data["runtime"]["name"] == "python"
    assert data["policy"]["name"] == "strict"
    assert data["scheme"] == "pass_fail"
    assert data["build"] is None
    assert data["files"] == [{"path": "main.py", "bytes": 14, "executable": False}]
    assert data["cell"]["fresh"] == "test"
    small, call = data["tests"]
    assert small["argv"] == ["main.py"]
    assert (small["mode"], small["stdin_bytes"], small["seed"]) == ("main", 4, 7)
    assert small["limits"] == {**data["limits"], "cpu_time_ms": 500}
    assert (call["mode"], call["argv"]) == ("call", [])


def test_no_expected_answer_is_in_a_plan(here: Here) -> None:
    assert b"SECRET-ANSWER" not in here("plan", "-", "--json", stdin=lines(JOB)).out
    assert b"SECRET-ANSWER" not in here("plan", "-", stdin=lines(JOB)).out


def test_the_root_shows_nothing_of_the_host_but_libraries(here: Here) -> None:
    root = plan(here, "-", stdin=lines(JOB))["cell"]["root"]
    targets = {entry["target"]: entry for entry in root}
    assert targets["/etc/passwd"]["action"] == "file"
    assert targets["/tmp"] == {"action": "link", "target": "/tmp", "to": "box/tmp"}
    assert targets["/dev/null"]["action"] == "device"
    bound = {entry["source"] for entry in root if entry["action"] == "bind"}
    assert not bound & {"/", "/etc", "/home", "/root", "/proc", "/sys", "/var", "/usr"}
    assert all("/lib" in source for source in bound)


def test_the_system_call_filter_is_summed_up(here: Here) -> None:
    seccomp = plan(here, "-", stdin=lines(JOB))["cell"]["seccomp"]
    assert seccomp["otherwise"] == "EPERM"
    assert seccomp["granted"]["files"] > 50
    assert seccomp["answers"]["io_uring_setup"] == "ENOSYS"
    assert seccomp["instructions"] > 20
    assert len(seccomp["sha256"]) == 64
    assert "ptrace" in seccomp["watched"]
    assert "noticed where refused: ptrace" in here("plan", "-", stdin=lines(JOB)).text


def test_equal_jobs_have_equal_plans(here: Here) -> None:
    assert plan(here, "-", stdin=lines(JOB)) == plan(here, "-", stdin=lines(JOB))


def test_a_built_language_shows_its_build(here: Here, tmp_path: Path) -> None:
    (tmp_path / "add.cpp").write_text("int main() {}")
    data = plan(here, tmp_path / "add.cpp", "--", "-v")
    assert data["build"]["argv"][0] == "g++"
    assert data["build"]["argv"][-1] == "add.cpp"
    assert data["build"]["limits"]["wall_time_ms"] == 60_000
    assert data["tests"][0]["argv"] == ["./main", "-v"]
    assert data["tests"][0]["mode"] == "exec"


def test_a_plan_for_people_has_every_part(here: Here, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("print()")
    text = here("plan", tmp_path / "hello.py", "--", "x").text
    headings = [line for line in text.splitlines() if not line.startswith(" ")]
    assert headings == [
        "job",
        "tests, each in a process of its own",
        "limits",
        "cell python/default, namespaces fresh for every program",
        "root, read-only",
        "writable, empty for every test",
        "environment",
        "network",
        "system calls",
    ]
    assert "  run: hello.py x [main]" in text
    assert "cpu time 10 s, wall time 20 s, memory 1 GiB" in text


def test_one_of_many_jobs_is_found_by_its_id(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_bytes(lines("oops", job("a", ""), job("b", "")))
    assert plan(here, file, "--id", "b")["id"] == "b"
    missing = here("plan", file, "--id", "c")
    assert missing.code == 2
    assert "holds no job 'c'" in missing.err


@pytest.mark.parametrize(
    ("bad", "parts"),
    [
        ("oops", ["error[job]: is not JSON"]),
        (job("a", "", language="x"), ["error[job]: language: no such field"]),
        ({**job("a", ""), "policy": "strct"}, ["error[job]: policy: no policy", "did you mean 'strict'?"]),
        (
            job("a", "", limits={"memory_bytes": 1 << 40}),
            ["error[job]: limits.memory_bytes", "looser than the policy's"],
        ),
        ({**job("a", ""), "tests": [], "tests_ref": "sha256:0"}, ["tests_ref", "write them out"]),
    ],
    ids=["no JSON", "unknown field", "unknown policy", "loose limit", "reference"],
)
def test_a_bad_job_is_an_error_that_names_its_field(here: Here, bad: Any, parts: list[str]) -> None:
    ended = here("plan", "-", stdin=lines(bad))
    assert ended.code == 2
    for part in parts:
        assert part in ended.err


def test_a_job_cannot_be_given_another_policy_on_the_side(here: Here) -> None:
    ended = here("plan", "-", "--policy", "strict", stdin=lines(JOB))
    assert ended.code == 2
    assert "a job has its own language, policy and arguments" in ended.err


def test_planning_needs_no_privileges(sandbox: Command) -> None:
    before = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    assert sandbox("plan", "-", stdin=lines(JOB), before=before).code == 0

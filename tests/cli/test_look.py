"""`sandbox runtimes` and `sandbox policies`."""

from __future__ import annotations

import json

import pytest

from sandbox.datafiles import folder
from tests.cli.command import Command
from tests.cli.conftest import Here

UNPRIVILEGED = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]


@pytest.mark.jail
def test_runtimes_are_available_when_their_self_test_passed(sandbox: Command) -> None:
    ended = sandbox("runtimes", "--json")
    assert ended.code == 0, ended.err
    listed = {runtime["name"]: runtime for runtime in json.loads(ended.out)}
    assert set(listed["python"]) == {"name", "language", "version", "available", "why"}
    assert listed["python"]["available"] is True
    assert listed["python"]["why"] == ""
    assert {"python", "c", "cpp"} <= set(listed)


def test_quick_runtimes_start_nothing(sandbox: Command) -> None:
    listed = json.loads(sandbox("runtimes", "--quick", "--json", before=UNPRIVILEGED).out)
    assert any(runtime["name"] == "python" and runtime["available"] for runtime in listed)


def test_without_privileges_no_runtime_is_available_and_it_is_said_why(sandbox: Command) -> None:
    ended = sandbox("runtimes", "--json", before=UNPRIVILEGED)
    assert ended.code == 0
    for runtime in json.loads(ended.out):
        assert runtime["available"] is False
        assert "no jail can start" in runtime["why"]


def test_runtimes_for_people_are_a_table(here: Here) -> None:
    text = here("runtimes", "--quick").text
    assert text.split("\n")[0].split() == ["name", "language", "version", "available", "why"]


def test_policies_are_listed_with_their_limits(here: Here) -> None:
    listed = {policy["name"]: policy for policy in json.loads(here("policies", "--json").out)}
    assert listed["default"]["limits"]["cpu_time_ms"] == 10_000
    assert listed["strict"]["fresh"] == "test"
    assert listed["numpy"]["packages"] == ["numpy"]
    assert all(policy["hash"].startswith("sha256:") for policy in listed.values())


def test_one_policy_is_shown_whole(here: Here) -> None:
    text = here("policies", "show", "default").text
    for part in (
        "default: ",
        "sha256:",
        "limits.memory_bytes",
        "local_sockets",
        "environment.HOME",
        "1 GiB",
    ):
        assert part in text


def test_every_value_of_a_policy_is_shown_with_the_line_that_it_was_written_on(here: Here) -> None:
    rows = [line.split() for line in here("policies", "show", "numpy").text.splitlines()]
    shown = {row[0]: row[-1] for row in rows if row}
    policy = json.loads(here("policies", "show", "numpy", "--json").out)
    assert {each["key"]: each["from"] for each in policy["values"]}.items() <= {
        **shown,
        "name": "numpy.toml:1",
        "description": "numpy.toml:2",
    }.items()
    for each in policy["values"]:
        name, _, line = each["from"].partition(":")
        assert each["key"].split(".")[-1] in (folder("policies") / name).read_text().splitlines()[int(line) - 1]
    assert shown["packages.python"] == "numpy.toml:6"
    assert shown["limits.cpu_time_ms"].startswith("default.toml:")
    assert all(each["reached"] for each in policy["values"] if "limits." in each["key"])


@pytest.mark.parametrize("arguments", [["show", "strict", "--json"], ["--json", "show", "strict"]], ids=" ".join)
def test_json_may_stand_on_either_side_of_show(here: Here, arguments: list[str]) -> None:
    policy = json.loads(here("policies", *arguments).out)
    assert policy["name"] == "strict"
    assert {"name", "reason", "calls"} == set(policy["seccomp"]["groups"][0])

"""One policy over another: what is taken over, where each value comes from, and what is said of a wrong base."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import ConfigError
from sandbox.policies import load_policies
from sandbox.policies.values import DEFAULT, values
from tests.policies.written import copied, extending


def refused(policies: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_policies(policies)
    return caught.value


@pytest.mark.parametrize(
    ("files", "said", "fix"),
    [
        ({"a": "\nextends = 'a'\n"}, "a.toml:2: extends goes in a circle: a -> a", ""),
        ({"a": "extends = 'b'\n", "b": "\n\nextends = 'a'\n"}, "b.toml:3: extends goes in a circle: a -> b -> a", ""),
        ({"a": "\nextends = 'defualt'\n"}, "a.toml:2: extends 'defualt', and there is no defualt.toml", "'default'"),
        (
            {"a": "extends = '../default'\n"},
            "a.toml:1: extends '../default', and there is no ../default.toml",
            "'default'",
        ),
        ({"a": "extends = 'seccomp'\n"}, "a.toml:1: extends 'seccomp', and there is no seccomp.toml", ""),
        ({"a": "extends = ['default']\n"}, "a.toml:1: extends ['default'], and there is no ['default'].toml", ""),
        ({"a": "extends = { a = 1 }\n"}, "a.toml:1: extends {'a': 1}, and there is no {'a': 1}.toml", ""),
        ({"a": "extends = 3\n"}, "a.toml:1: extends 3, and there is no 3.toml", ""),
        ({"a": "name = 'a'\nextends = 'default'\nlimits = 3\n"}, "a.toml:3: limits: ", ""),
        ({"a": "name = 'a'\nextends = 'default'\nfresh = { a = 3 }\n"}, "a.toml:3: fresh: ", ""),
        ({"a": "name = 'b'\nextends = 'default'\n"}, "a.toml:1: name is 'b'", "'a'"),
        ({"a": "extends = 'default'\n"}, "a.toml: name is 'default'", "'a'"),
        (
            {"a": "name = 'a'\nextends = 'default'\n[actions]\negress = 'exmaple'\n"},
            "a.toml:4: actions.egress: no rules are called 'exmaple'",
            "'example'",
        ),
        (
            {"a": "name = 'a'\nextends = 'default'\n[seccomp]\ngroups = [\n  'memory',\n  'file',\n]\n"},
            "a.toml:6: unknown seccomp group 'file'",
            "'files'",
        ),
        ({"a": "name = 'a'\nextends = 'default'\n[limits]\nprocesses = true\n"}, "a.toml:4: limits.processes: ", ""),
        ({"a": "name = 'a'\nextends = 'default'\n[limits]\nprocesses = '8'\n"}, "a.toml:4: limits.processes: ", ""),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path: Path, files: dict[str, str], said: str, fix: str):
    policies = copied(tmp_path)
    for name, text in files.items():
        (policies / f"{name}.toml").write_text(text)
    error = refused(policies)
    assert str(error).startswith(said)
    assert fix in error.fix


def test_a_mistake_in_a_base_is_told_of_the_base(tmp_path: Path):
    policies = copied(tmp_path)
    for name, base in (("a", "b"), ("b", "c"), ("c", "default")):
        (policies / f"{name}.toml").write_text(f"name = '{name}'\ndescription = ''\nextends = '{base}'\n")
    with (policies / "c.toml").open("a") as file:
        file.write("[limits]\nprocesses = 0\n")
    assert str(refused(policies)).startswith("c.toml:5: limits.processes: ")


def test_values_come_from_the_last_file_that_writes_them(tmp_path: Path):
    policies = copied(tmp_path)
    extending(policies, "b", "[limits]\nprocesses = 7\nopen_files = 17\n[environment]\nA = '1'\n")
    policy = extending(policies, "a", "environment.B = '2'\n[limits]\nprocesses = 6\n", base="b")
    found = {each.key: (each.value, each.origin) for each in values(policy)}
    assert found["limits.processes"] == (6, "a.toml:6")
    assert found["limits.open_files"] == (17, "b.toml:6")
    assert found["environment.A"] == ("1", "b.toml:8")
    assert found["environment.B"] == ("2", "a.toml:4")
    assert found["limits.cpu_time_ms"][1].startswith("default.toml:")
    assert DEFAULT not in {origin for _, origin in found.values()}


def test_a_whole_file_needs_no_base_and_its_values_are_its_own(tmp_path: Path):
    policies = copied(tmp_path)
    text = (policies / "default.toml").read_text().replace('name = "default"', 'name = "whole"')
    (policies / "whole.toml").write_text(text.replace("# Programs of the host that actions find.\ntools = []\n", ""))
    found = {each.key: each.origin for each in values(load_policies(policies)["whole"])}
    assert found.pop("packages.tools") == DEFAULT
    assert {origin.partition(":")[0] for origin in found.values()} == {"whole.toml"}

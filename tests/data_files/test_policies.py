"""Policies: that the shipped ones hold, how one extends another, and what is said of a wrong one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sandbox.datafiles import folder
from sandbox.errors import ConfigError
from sandbox.policies import load_policies

SHIPPED = folder("policies")


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to be changed."""
    target = tmp_path / "policies"
    shutil.copytree(SHIPPED, target)
    return target


def refused(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_policies(path)
    return caught.value


def line_of(file: Path, start: str) -> int:
    return 1 + next(n for n, line in enumerate(file.read_text().splitlines()) if line.startswith(start))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_shipped_policies_load():
    shipped = load_policies()
    assert {"default", "strict", "numpy"} <= set(shipped)
    assert set(shipped) == {file.stem for file in SHIPPED.glob("*.toml")} - {"seccomp"}
    for policy in shipped.values():
        assert policy.table.description
        assert re.fullmatch("sha256:[0-9a-f]{64}", policy.hash)


def test_the_default_policy_has_the_limits_of_the_contract():
    limits = load_policies()["default"].limits
    assert (limits.cpu_time_ms, limits.wall_time_ms) == (10_000, 20_000)
    assert (limits.memory_bytes, limits.disk_bytes) == (1 << 30, 256 << 20)
    assert (limits.output_bytes, limits.file_bytes) == (64 << 20, 64 << 20)
    assert limits.processes == 64
    assert limits.stack_bytes == limits.memory_bytes


def test_every_policy_has_a_hash_of_its_own():
    hashes = [policy.hash for policy in load_policies().values()]
    assert len(set(hashes)) == len(hashes)


def test_a_policy_that_extends_another_changes_only_what_it_says(policies: Path):
    (policies / "tight.toml").write_text(
        'name = "tight"\ndescription = "less of it"\nextends = "default"\n'
        '[limits]\nprocesses = 1\n[environment]\nA = "b"\n'
    )
    shipped = load_policies(policies)
    base, tight = shipped["default"], shipped["tight"]
    assert tight.limits.processes == 1
    assert tight.limits.memory_bytes == base.limits.memory_bytes
    assert tight.build_limits == base.build_limits
    assert tight.table.environment == {**base.table.environment, "A": "b"}
    assert tight.table.seccomp == base.table.seccomp
    assert tight.table.fresh == base.table.fresh
    assert tight.hash != base.hash


def test_extending_goes_over_several_steps(policies: Path):
    (policies / "b.toml").write_text('name = "b"\ndescription = "b"\nextends = "strict"\n[limits]\nopen_files = 17\n')
    (policies / "a.toml").write_text('name = "a"\ndescription = "a"\nextends = "b"\n[limits]\nprocesses = 2\n')
    policy = load_policies(policies)["a"]
    assert (policy.table.fresh, policy.limits.open_files, policy.limits.processes) == ("test", 17, 2)


def test_a_change_of_a_system_call_changes_the_hashes_of_those_who_grant_it(policies: Path):
    before = load_policies(policies)
    other = policies.with_name("other")
    shutil.copytree(policies, other)
    edit(other / "seccomp.toml", '"getrandom"', '"getrandom", "sync"')
    after = load_policies(other)
    assert all(before[name].hash != after[name].hash for name in before)


def test_a_circle_of_extends_is_refused(policies: Path):
    (policies / "a.toml").write_text('name = "a"\nextends = "b"\n')
    (policies / "b.toml").write_text('name = "b"\nextends = "a"\n')
    assert "a.toml" in str(error := refused(policies)) or "b.toml" in str(error)
    assert "circle" in str(error)


def test_extending_what_is_not_there_suggests_the_nearest(policies: Path):
    (policies / "a.toml").write_text('name = "a"\nextends = "defualt"\n')
    error = refused(policies)
    assert "defualt.toml" in str(error)
    assert "'default'" in error.fix


@pytest.mark.parametrize(
    ("old", "new", "start", "nearest"),
    [
        ("fresh =", "frehs =", "frehs", "'fresh'"),
        ("cpu_time_ms = 10_000", "cpu_time_ms = 10_000\nmemory_byte = 3", "memory_byte ", "'memory_bytes'"),
        ("[packages]", "[packages]\npyhton = []", "pyhton", "'python'"),
        ("[build_limits]", "[build_limit]\n[build_limits]", "[build_limit]", "'build_limits'"),
        ("[seccomp]", "[seccomp]\ngroup = []", "group ", "'groups'"),
    ],
    ids=["top", "limits", "packages", "table", "seccomp"],
)
def test_an_unknown_key_names_file_line_and_the_nearest(policies: Path, old: str, new: str, start: str, nearest: str):
    file = policies / "default.toml"
    if start == "frehs":
        # The key itself is missing then, too; both are said of the right line or of none.
        new = 'fresh = "program"\nfrehs ='
    edit(file, old, new)
    error = refused(policies)
    assert f"default.toml:{line_of(file, start)}" in str(error)
    assert start.strip(" []") in str(error)
    assert nearest in error.fix


def test_an_unknown_key_of_a_group_suggests_the_nearest(policies: Path):
    file = policies / "seccomp.toml"
    edit(file, "[groups.memory]", "[groups.memory]\nreasons = 1")
    error = refused(policies)
    assert f"seccomp.toml:{line_of(file, 'reasons')}" in str(error)
    assert "'reason'" in error.fix


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("processes = 64", "processes = 0", "limits.processes"),
        ("processes = 64", 'processes = "many"', "limits.processes"),
        ("memory_bytes = 1_073_741_824", "memory_bytes = 1024", "limits.memory_bytes"),
        ('fresh = "program"', 'fresh = "never"', "fresh"),
        ("processes = 64\n", "", "limits.processes"),
    ],
    ids=["zero", "text", "tiny", "choice", "missing"],
)
def test_a_wrong_value_names_file_and_key(policies: Path, old: str, new: str, said: str):
    file = policies / "default.toml"
    edit(file, old, new)
    error = refused(policies)
    assert "default.toml" in str(error)
    assert said in str(error)
    if new:
        assert re.search(r"default\.toml:\d+: ", str(error))


def test_a_file_that_is_no_toml_is_named_with_the_line(policies: Path):
    (policies / "default.toml").write_text('name = "default"\nlimits = {\n= 3\n')
    assert re.search(r"default\.toml: .*line \d", str(refused(policies)))


def test_the_name_inside_is_the_name_of_the_file(policies: Path):
    edit(policies / "strict.toml", 'name = "strict"', 'name = "srtict"')
    error = refused(policies)
    assert "strict.toml" in str(error)
    assert "'strict'" in error.fix


def test_a_group_of_calls_that_is_not_there_suggests_the_nearest(policies: Path):
    edit(policies / "default.toml", '"signals"', '"signal"')
    error = refused(policies)
    assert "'signal'" in str(error)
    assert "'signals'" in error.fix


def test_a_folder_without_a_table_of_calls_takes_the_shipped_one(policies: Path):
    expected = load_policies()["default"].hash
    (policies / "seccomp.toml").unlink()
    assert load_policies(policies)["default"].hash == expected

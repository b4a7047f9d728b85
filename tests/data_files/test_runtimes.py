"""Runtimes: that the shipped ones hold, what is said of a wrong one, and of one that this machine lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.catalog import Catalog
from sandbox.datafiles import folder
from sandbox.errors import ConfigError, JobError
from sandbox.runtimes import Missing, Runtime, load_runtimes

SHIPPED = folder("runtimes")


@pytest.fixture
def runtimes(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to be changed."""
    target = tmp_path / "runtimes"
    shutil.copytree(SHIPPED, target)
    return target


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def refused(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_runtimes(path)
    return caught.value


def test_the_shipped_runtimes_load_and_each_has_a_self_test():
    shipped = load_runtimes()
    assert {"python", "c", "cpp"} <= set(shipped) == {file.stem for file in SHIPPED.glob("*.toml")}
    for name, runtime in shipped.items():
        table = runtime.table
        assert table.name == name
        assert table.selftest.source.strip(), name
        assert table.selftest.stdout.strip(), name
        assert set(table.kinds) <= {"stdio", "call", "asserts", "suite", "checker", "interactive", "effects"}, name
        assert "stdio" in table.kinds, name
    assert {"stdio", "checker", "interactive"} <= set(shipped["cpp"].table.kinds)


def test_python_is_here_and_is_the_interpreter_that_runs_this():
    runtime = load_runtimes()["python"]
    assert isinstance(runtime, Runtime)
    assert Path(runtime.python.binary).is_file()
    assert (Path(runtime.python.library) / "os.py").is_file()
    assert runtime.version == ".".join(map(str, __import__("sys").version_info[:3]))


def test_a_command_of_a_build_is_among_its_tools():
    for runtime in load_runtimes().values():
        if runtime.table.build is not None:
            assert runtime.table.build.command[0] in {Path(tool).name for tool in runtime.table.build.tools}
            command = " ".join(runtime.table.build.command)
            assert "{main}" in command or "{sources}" in command
            assert "{output}" in command


def test_a_tool_that_is_not_installed_makes_the_runtime_missing_with_the_fix(runtimes: Path):
    edit(runtimes / "cpp.toml", 'tools = ["g++"', 'tools = ["g++", "g++-from-nowhere"')
    found = load_runtimes(runtimes)
    missing = found["cpp"]
    assert isinstance(missing, Missing)
    assert "g++-from-nowhere" in missing.why
    assert missing.fix == "apt-get install g++"
    assert isinstance(found["python"], Runtime)
    catalog = Catalog(runtimes=found)
    assert "cpp" not in catalog.offered()
    with pytest.raises(JobError) as caught:
        catalog.runtime("cpp")
    assert caught.value.reject == "FAILED_PRECONDITION"
    assert "g++-from-nowhere" in caught.value.message
    assert caught.value.suggestion == "apt-get install g++"


def test_an_interpreter_that_is_not_installed_makes_the_runtime_missing(runtimes: Path):
    edit(runtimes / "python.toml", '"@server"', '"python-from-nowhere"')
    # The comment above it holds the same word.
    edit(runtimes / "python.toml", 'command = "@server"', 'command = "python-from-nowhere"')
    assert "python-from-nowhere" in load_runtimes(runtimes)["python"].why


@pytest.mark.parametrize(
    ("name", "old", "new", "start", "nearest"),
    [
        ("python", "kinds =", 'knids = ["stdio"]\nkinds =', "knids", "'kinds'"),
        ("c", "[selftest]", "[selftest]\nstdni = 1", "stdni", "'stdin'"),
        ("c", "[selftest]", "[selftets]\n[selftest]", "[selftets]", "'selftest'"),
        pytest.param(
            *("python", "[interpreter]", "[interpreter]\npreloads = []", "preloads", "'preload'"),
        ),
        pytest.param(
            *("cpp", "[build]", '[build]\nheaders = "x"', "headers", "'header'"),
        ),
    ],
    ids=["top", "selftest", "table", "interpreter", "build"],
)
def test_an_unknown_key_names_file_line_and_the_nearest(
    runtimes: Path, name: str, old: str, new: str, start: str, nearest: str
):
    file = runtimes / f"{name}.toml"
    edit(file, old, new)
    line = 1 + next(n for n, text in enumerate(file.read_text().splitlines()) if text.startswith(start))
    error = refused(runtimes)
    assert f"{name}.toml:{line}: " in str(error)
    assert start.strip("[]") in str(error)
    assert nearest in error.fix


@pytest.mark.parametrize("change", ["both", "neither"])
def test_a_runtime_is_interpreted_or_built_and_not_both(runtimes: Path, change: str):
    file = runtimes / "c.toml"
    if change == "both":
        edit(file, "[selftest]", '[interpreter]\ncommand = "@server"\n[selftest]')
    else:
        start, _, rest = file.read_text().partition("[build]")
        file.write_text(start + "[selftest]" + rest.partition("[selftest]")[2])
    error = refused(runtimes)
    assert "c.toml" in str(error)
    assert "either [interpreter] or [build]" in str(error)


def test_a_missing_self_test_is_refused(runtimes: Path):
    file = runtimes / "c.toml"
    file.write_text(file.read_text().partition("[selftest]")[0])
    assert "c.toml: selftest: " in str(refused(runtimes))


def test_the_name_inside_is_the_name_of_the_file(runtimes: Path):
    (runtimes / "c.toml").rename(runtimes / "d.toml")
    error = refused(runtimes)
    assert "d.toml" in str(error)
    assert "'d'" in error.fix


def test_an_unknown_language_suggests_the_nearest_that_is_offered():
    with pytest.raises(JobError) as caught:
        Catalog().runtime("pyhton")
    assert caught.value.field == "program.language"
    assert "'python'" in caught.value.suggestion


def test_an_unknown_policy_suggests_the_nearest():
    with pytest.raises(JobError) as caught:
        Catalog().policy("strickt")
    assert caught.value.field == "policy"
    assert "'strict'" in caught.value.suggestion

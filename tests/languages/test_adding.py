"""A language is one file: a new one is found, proves itself and scores without a change of anything else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sandbox.catalog import Catalog
from sandbox.datafiles import folder
from sandbox.errors import ConfigError
from sandbox.runtimes import Missing, Runtime, load_runtimes

README = (folder("runtimes") / "README.md").read_text(encoding="utf-8")
SHELL = """
name = "posix"
language = "POSIX shell"
main = "main.sh"
kinds = ["stdio"]

[installed]
version = ["sh", "-c", "echo 1.2"]
packages = ["dash"]

[run]
command = ["sh", "{main}"]
check = ["sh", "-n", "{main}"]
tools = ["sh"]

[selftest]
source = "read a b; echo $((a + b))"
stdin = "20 22\\n"
stdout = "42\\n"
"""


def written(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "posix.toml").write_text(text)
    return path


def test_a_file_is_a_language(tmp_path: Path) -> None:
    found = load_runtimes(written(tmp_path / "runtimes", SHELL))["posix"]
    assert isinstance(found, Runtime)
    assert found.version == "1.2"


@pytest.mark.jail
async def test_a_new_language_proves_itself_and_scores(tmp_path: Path) -> None:
    from sandbox.engine import engine, start_spawner
    from sandbox.selftest import failure
    from sandbox.settings import Settings

    catalog = Catalog(runtimes=load_runtimes(written(tmp_path / "runtimes", SHELL)))
    settings = Settings(cells=1, warm=(), home=tmp_path / "home")
    async with engine(settings, start_spawner(), catalog) as pipeline:
        assert catalog.offered() == ["posix"]
        assert await failure(pipeline, "posix") == ""


@pytest.mark.jail
async def test_one_whose_self_test_fails_is_not_offered_and_it_is_said_why(tmp_path: Path) -> None:
    from sandbox.engine import engine, start_spawner
    from sandbox.settings import Settings

    runtimes = written(tmp_path / "runtimes", SHELL.replace("a + b", "a - b"))
    shutil.copy(folder("runtimes") / "python.toml", runtimes)
    catalog = Catalog(runtimes=load_runtimes(runtimes))
    async with engine(Settings(cells=1, warm=(), home=tmp_path / "home"), start_spawner(), catalog):
        assert catalog.offered() == ["python"]
    missing = catalog.runtimes["posix"]
    assert isinstance(missing, Missing) and missing.broken
    assert "WRONG_ANSWER" in missing.why


def test_the_file_that_the_readme_shows_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    place = tmp_path / "shown"
    place.mkdir()
    (place / "lua.toml").write_text(text)
    assert load_runtimes(place)["lua"].table.language == "Lua"


@pytest.mark.parametrize(
    ("old", "new"),
    [("tools = ", "tolls = "), ("packages = ", "pakages = "), ("check = ", "chek = ")],
)
def test_an_unknown_key_names_file_line_and_the_nearest(tmp_path: Path, old: str, new: str) -> None:
    text = SHELL.replace(old, new, 1)
    line = 1 + text.splitlines().index(next(each for each in text.splitlines() if each.startswith(new)))
    with pytest.raises(ConfigError) as caught:
        load_runtimes(written(tmp_path / "runtimes", text))
    assert f"posix.toml:{line}: " in str(caught.value)
    assert repr(old.split()[0]) in caught.value.fix


def test_a_group_of_system_calls_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    text = SHELL.replace("[selftest]", '[seccomp]\nfilez = "to read"\n\n[selftest]')
    with pytest.raises(ConfigError, match="filez"):
        Catalog(runtimes=load_runtimes(written(tmp_path / "runtimes", text)))


def test_a_group_without_a_reason_is_refused(tmp_path: Path) -> None:
    text = SHELL.replace("[selftest]", '[seccomp]\nspecial_files = " "\n\n[selftest]')
    with pytest.raises(ConfigError, match="no reason"):
        load_runtimes(written(tmp_path / "runtimes", text))

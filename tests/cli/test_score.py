"""`sandbox score`, against real jails and a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from google.protobuf.json_format import ParseDict

from sandbox.v1 import verdict_pb2
from tests.cli.command import Command, job, lines, prints
from tests.serving import Serving, serving

pytestmark = pytest.mark.jail

GOOD = job("good", "print(int(input()) + 1)", prints("42\n", stdin="41"))
WRONG = job("wrong", "print(0)", prints("1"), prints("0"), reward={"scheme": "fraction"})
SLEEPER = job("sleeper", "import time\ntime.sleep(18)")


@pytest.fixture(params=["embedded", "remote"])
def where(request: pytest.FixtureRequest) -> list[str]:
    """Options for both places where jobs can be scored."""
    if request.param == "embedded":
        return []
    server: Serving = request.getfixturevalue("server")
    return ["--server", server.address]


@pytest.mark.parametrize(
    ("jobs", "code"),
    [([GOOD], 0), ([GOOD, WRONG], 1), ([GOOD, WRONG, "oops"], 2), ([GOOD, {**GOOD, "id": "x", "policy": "no"}], 2)],
    ids=["all accepted", "not all accepted", "a bad line", "a bad job"],
)
def test_the_exit_code_says_how_it_went(sandbox: Command, where: list[str], jobs: list[object], code: int) -> None:
    ended = sandbox("score", "-", "--json", *where, stdin=lines(*jobs))  # type: ignore[arg-type]
    assert ended.code == code, ended.err
    assert len(ended.answers) == len(jobs)


def test_json_prints_nothing_but_answers(sandbox: Command, where: list[str], tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_bytes(lines(GOOD, WRONG, "", "{", {"id": "odd", "tests": [{"stdoi": {}}]}))
    ended = sandbox("score", file, "--json", *where)
    for line in ended.out.splitlines():
        ParseDict(json.loads(line), verdict_pb2.ScoreResponse())
    answers = ended.answers
    assert set(answers) == {"good", "wrong", "line-4", "odd"}
    assert answers["good"]["verdict"]["reward"] == 1.0
    assert answers["wrong"]["verdict"]["reward"] == 0.5
    assert answers["odd"]["rejected"]["field"] == "tests[0].stdoi"
    assert "did you mean 'stdio'?" in answers["odd"]["rejected"]["suggestion"]
    assert ended.err == ""


def test_answers_have_proto_names_and_their_zeros_and_falses(sandbox: Command, where: list[str]) -> None:
    verdict = sandbox("score", "-", "--json", *where, stdin=lines(WRONG)).answers["wrong"]["verdict"]
    assert verdict["passed"] is False
    assert verdict["tests"][0]["score"] == 0.0
    assert verdict["tests"][0]["checks"] == {"total": 1, "passed": 0}
    assert verdict["tests"][0]["stdout"] == ""
    assert verdict["usage"]["retries"] == 0
    assert "peak_memory_bytes" in verdict["tests"][0]


def test_camel_case_goes_in(sandbox: Command) -> None:
    text = b'{"program": {"language": "python", "source": "print(7)"}, "tests": [{"stdio": {"expectedStdout": "7"}}]}\n'
    ended = sandbox("score", "-", "--json", stdin=text)
    assert ended.code == 0
    assert ended.answers["line-1"]["verdict"]["passed"] is True


def test_answers_come_in_order_of_completion(sandbox: Command, where: list[str]) -> None:
    slow = job("slow", "import time\ntime.sleep(1)")
    ended = sandbox("score", "-", "--json", *where, stdin=lines(slow, GOOD))
    assert [*ended.answers] == ["good", "slow"]


def test_people_get_a_table_and_a_summary(sandbox: Command) -> None:
    ended = sandbox("score", "-", stdin=lines(GOOD, WRONG, {"id": "\x1b[2Jbad", "progam": {}}))
    rows = [line.split() for line in ended.text.splitlines()]
    assert rows[0] == ["id", "status", "passed", "reward", "tests", "ms", "why"]
    assert rows[1][:5] == ["good", "ACCEPTED", "yes", "1", "1/1"]
    assert rows[2][:5] == ["wrong", "WRONG_ANSWER", "no", "0.5", "1/2"]
    assert "did you mean 'program'?" in ended.text
    assert "1 of 3 accepted; 1 not accepted; 1 rejected; mean reward 0.750" in ended.text
    assert "\x1b" not in ended.text


def test_an_empty_file_is_bad_usage_and_not_a_success(sandbox: Command) -> None:
    ended = sandbox("score", "-", stdin=b"\n\n")
    assert ended.code == 2
    assert "error[usage]: - holds no jobs" in ended.err


def test_a_server_that_goes_away_is_a_fault_of_every_job_in_flight(sandbox: Command) -> None:
    with serving(sandbox.environment["SANDBOX_HOME"]) as server:
        process = sandbox.start("score", "-", "--json", "--server", server.address, stdin=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines(GOOD, SLEEPER))
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        server.process.kill()
        rest, errors = process.communicate(timeout=60)
    assert first["verdict"]["passed"] is True
    assert process.returncode == 3
    assert b"error[server]: lost the server at" in errors
    assert all("fault" in json.loads(line) for line in rest.splitlines())


def test_a_reader_that_goes_away_ends_the_run(sandbox: Command) -> None:
    jobs = lines(*({**GOOD, "id": str(number)} for number in range(200)))
    process = sandbox.start("score", "-", "--json", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(jobs)
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.close()
    process.stdin = process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 141, errors


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_and_every_cell(sandbox: Command, number: signal.Signals, code: int) -> None:
    process = sandbox.start("score", "-", "--json", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines(SLEEPER, GOOD))  # stdin stays open: the reader waits in it
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == "good"
    started = psutil.Process(process.pid).children(recursive=True)
    folder = next(each.cmdline()[-1] for each in started if "sandbox.jail.spawner" in each.cmdline())
    process.send_signal(number)
    assert process.wait(timeout=30) == code
    errors = process.communicate()[1]
    assert b"Traceback" not in errors
    assert not Path(folder).exists()
    assert not [*Path("/sys/fs/cgroup").glob(f"*/sandbox-{os.path.basename(folder)}")]
    assert not [each for each in started if alive(each)]


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie waits only for the machine's own init."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""Forks, spawned children and the end of the process: each case in an interpreter of its own, whose only gRPC is the
client's."""

import subprocess
import sys

import pytest

from sandbox import Client, Job, SandboxError
from sandbox.client import forks
from tests.client.scripted import running_apart

pytestmark = pytest.mark.usefixtures("no_background")

_CHILD = """
import asyncio, multiprocessing, os, sys, threading
from sandbox import AsyncClient, Client, Job, SandboxError

def half(client):
    sys.exit(0 if client.rewards([Job("0.5")]) == [0.5] else 1)

def in_child(method, client):
    child = multiprocessing.get_context(method).Process(target=half, args=(client,))
    child.start()
    child.join(30)
    return child.exitcode
"""


@pytest.fixture
def server(address):
    with running_apart(address()) as where:
        yield where


def _run(code: str, *arguments: str) -> str:
    """Runs a script with every warning on; what it prints on stderr is a failure, too.

    But for one: the interpreter counts threads of gRPC that are just ending.
    """
    command = [sys.executable, "-W", "default", "-W", "ignore::DeprecationWarning", "-c", _CHILD + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_client_that_was_used_works_on_both_sides_of_a_fork(server):
    code = """
client = Client(sys.argv[1])
assert client.rewards([Job("1")] * 10) == [1.0] * 10
assert in_child("fork", client) == 0
assert client.score(Job("1")).reward == 1.0
assert in_child("fork", client) == 0
print(threading.active_count())
"""
    assert _run(code, server) == "1\n"


def test_a_fork_between_two_answers_does_not_disturb_the_parent(server):
    code = """
client = Client(sys.argv[1])
answers = client.score_many([Job("1")] * 10)
next(answers)
child = os.fork()
if not child:
    os._exit(0)
os.waitpid(child, 0)
print(sum(1 for _ in answers))
"""
    # What is written on stderr is gRPC's own: it saw that it was in use.
    command = [sys.executable, "-c", _CHILD + code, server]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "9\n")


def test_a_child_that_was_forked_while_a_connection_was_open_is_told_so(monkeypatch):
    monkeypatch.setattr(forks, "_remains", True)
    monkeypatch.setattr(forks, "_inherited", False)
    forks._in_child()
    with pytest.raises(SandboxError, match="was forked while") as caught:
        Client("127.0.0.1:1").score(Job("1"))
    assert "'spawn'" in caught.value.fix


def test_an_asynchronous_client_that_was_closed_does_not_spoil_a_fork(server):
    code = """
async def use():
    async with AsyncClient(sys.argv[1]) as client:
        assert await client.rewards([Job("1")] * 10) == [1.0] * 10

asyncio.run(use())
assert in_child("fork", Client(sys.argv[1])) == 0
"""
    _run(code, server)


def test_a_client_goes_to_a_spawned_child(tmp_path, server):
    script = tmp_path / "script.py"
    script.write_text(
        _CHILD
        + """
if __name__ == "__main__":
    client = Client(sys.argv[1])
    client.score(Job("1"))
    assert in_child("spawn", client) == 0
    assert in_child("forkserver", client) == 0
"""
    )
    done = subprocess.run([sys.executable, script, server], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_forgets_to_close_its_client_ends_in_silence(server):
    assert _run('print(Client(sys.argv[1]).rewards([Job("1"), Job("0")]))', server) == "[1.0, 0.0]\n"


def test_a_process_that_leaves_a_loop_over_answers_ends_in_silence(server):
    assert _run('answers = Client(sys.argv[1]).score_many(Job("1") for _ in range(99)); next(answers)', server) == ""

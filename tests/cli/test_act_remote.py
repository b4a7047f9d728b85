"""The verbs on actions with --server, and in processes of their own: at terminals, and interrupted."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.client import background
from sandbox.errors import JobError
from sandbox.model.outcome import JailFault
from sandbox.server.actions import ActionService
from sandbox.settings import Settings
from sandbox.v1 import action_pb2, action_pb2_grpc
from tests.cli.acting import fake
from tests.cli.command import COMMAND, environment
from tests.cli.conftest import Here
from tests.fake_actions import FakeActions


class Served:
    """Actions in memory behind a real server, on a thread of its own."""

    def __init__(self, address: str, actions: FakeActions) -> None:
        self.address, self.actions = address, actions
        self.loop = asyncio.new_event_loop()
        self.ready, self.stop = threading.Event(), asyncio.Event()

    async def serve(self) -> None:
        server = grpc.aio.server()
        action_pb2_grpc.add_ActionServiceServicer_to_server(ActionService(self.actions, Settings()), server)
        server.add_insecure_port(self.address)
        await server.start()
        self.ready.set()
        await self.stop.wait()
        await server.stop(None)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    served = Served(f"unix:{tmp_path}/s", fake())
    thread = threading.Thread(target=lambda: served.loop.run_until_complete(served.serve()))
    thread.start()
    assert served.ready.wait(10)
    try:
        yield served
    finally:
        served.loop.call_soon_threadsafe(served.stop.set)
        thread.join(10)
        served.loop.close()
        background.stop()


def test_every_verb_of_a_server_is_the_same_there(here: Here, server: Served) -> None:
    where = ("--server", server.address)
    ended = here("run", "--workspace", "relative/to/its/root", *where, "--", "write")
    assert (ended.code, ended.text) == (0, "written\n")
    assert f"commit: sandbox commit a1 --server {server.address}" in ended.err
    assert server.actions.asked[0].workspace == "relative/to/its/root"
    assert "a.txt" in here("diff", "a1", *where).text
    assert here("commit", "a1", *where).text == "committed: a1\n"
    assert "sandbox undo a1 --server" in here("show", "a1", *where).text
    assert here("undo", "a1", *where).text == "undone: a1\n"
    assert here("redo", "a1", *where).code == 0
    assert len(json.loads(here("log", "--json", *where).out)["actions"]) == 2
    assert here("verify", "a1", *where).code == 0
    assert here("run", "--workspace", "w", "--branch", "b", *where, "--", "write").code == 0
    assert server.actions.asked[-2].branch == "b"
    assert here("undo", "--branch", "b", *where).text == "dropped: a3\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (JailFault("no jail"), 3, "why: JAIL: no jail"),
        (JobError("policy", "no policy is called 'x'", "one of: actions"), 2, "policy: no policy is called 'x'"),
        (JobError("workspace", "is under no root", reject="PERMISSION_DENIED"), 2, "workspace: is under no root"),
    ],
    ids=["fault", "refusal", "permission"],
)
def test_what_the_server_says_is_wrong_is_the_same_exit_code(
    here: Here, server: Served, error: Exception, code: int, said: str
) -> None:
    server.actions.runs["bad"] = error
    ended = here("run", "--workspace", "w", "--server", server.address, "--", "bad")
    assert (ended.code, ended.out) == (code, b"")
    assert said in ended.err


def test_a_server_that_does_not_answer_exits_with_3_and_says_how_to_start_one(here: Here, tmp_path: Path) -> None:
    ended = here("log", "--server", f"unix:{tmp_path}/nobody")
    assert ended.code == 3
    assert "error[server]: no server answers at" in ended.err
    assert f"fix: sandbox serve --listen unix:{tmp_path}/nobody --workspace-root DIR" in ended.err


def test_what_is_no_address_is_bad_usage(here: Here) -> None:
    assert here("log", "--server", "nonsense").code == 2


def test_ctrl_c_ends_the_command_there_too(server: Served) -> None:
    server.loop.call_soon_threadsafe(lambda: setattr(server.actions, "gate", asyncio.Event()))
    command = [*COMMAND, "run", "--workspace", "w", "--server", server.address, "--", "write"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    while not server.actions.asked:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in errors
    for _ in range(1000):
        if server.actions.cancelled:
            break
        threading.Event().wait(0.005)
    assert server.actions.cancelled == ["execute"]


def at_a_terminal(arguments: list[str], typed: bytes) -> tuple[int, str]:
    """Runs a command with a terminal for all three; what is typed waits there already."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed)
        process = subprocess.Popen(
            [*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(TERM="xterm")
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not data:
                break
            shown += data
        return process.wait(timeout=30), shown.decode()
    finally:
        os.close(ours)


@pytest.mark.parametrize(
    ("typed", "code", "status"), [(b"n\n", 1, "HELD"), (b"\n", 1, "HELD"), (b"y\n", 0, "COMMITTED")]
)
def test_a_person_is_shown_what_changed_and_asked(server: Served, typed: bytes, code: int, status: str) -> None:
    here = ["--server", server.address]
    done = subprocess.run(
        [*COMMAND, "run", "--workspace", "w", *here, "--", "write"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True, env=environment(),
    )  # fmt: skip
    assert done.stdout == b"written\n"
    found, shown = at_a_terminal(["commit", "a1", *here], typed)
    assert "a.txt" in shown
    assert "commit it? [y/N]" in shown
    assert found == code
    assert action_pb2.Action.Status.Name(server.actions.actions["a1"].status) == status


def test_a_terminal_gets_colours_and_nothing_of_a_files_name(server: Served) -> None:
    here = ["--server", server.address]
    subprocess.run(
        [*COMMAND, "run", "--workspace", "w", *here, "--", "hostile"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True, env=environment(),
    )  # fmt: skip
    code, shown = at_a_terminal(["diff", "a1", *here], b"")
    assert code == 0
    assert "\x1b[32m" in shown
    for theirs in ("\x1b[2J", "\x1b]0;", "\x1b]8;;", "\u202e", "\u200b", "\x9b", "\x07", "\x08", "\x0b", "\u2028"):
        assert theirs not in shown


def test_a_command_at_a_terminal_is_not_waited_for(server: Served) -> None:
    code, shown = at_a_terminal(["run", "--workspace", "w", "--server", server.address, "--", "true"], b"")
    assert code == 0
    assert server.actions.asked[0].stdin == b""
    assert "a1" in shown

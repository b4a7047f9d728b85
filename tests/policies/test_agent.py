"""The policy `agent`: what an action under it may do in a workspace and read from outside, and where it ends."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from sandbox.policies import load_policies
from sandbox.v1 import action_pb2
from tests.policies.conftest import Acting, acting_under
from tests.policies.programs import FORKS, MANY_FILES, OPENS, touched
from tests.policies.written import copied
from tests.undo.world import World

pytestmark = pytest.mark.jail
GET = """
import sys, urllib.error, urllib.request
for url in sys.argv[1:]:
    request = urllib.request.Request(url, b"x" if url.endswith("#post") else None)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            print(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
"""


class _Index(http.server.BaseHTTPRequestHandler):
    """An index of packages; whatever is asked for is there."""

    def do_GET(self) -> None:
        body = b"links"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Index) as served:
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"127.0.0.1:{served.server_address[1]}"
        served.shutdown()


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory, index: str) -> Iterator[Acting]:
    """A server with the shipped policies, whose index of packages is one of this test's own."""
    policies = copied(tmp_path_factory.mktemp("agent"))
    rules = policies / "egress" / "packages.toml"
    host, port = index.split(":")
    local = f'host = "{host}"\nports = [{port}]\nschemes = ["http"]\nallow_private = true\n'
    rules.write_text(rules.read_text().replace('host = "pypi.org"\n', local))
    with acting_under(policies, tmp_path_factory.mktemp("acting")) as found:
        yield found


def run(world: World, program: str, *arguments: str, policy: str = "agent") -> action_pb2.ExecuteResponse:
    return world.execute(["python3", "-c", program, *arguments], policy=policy)


def test_work_in_a_workspace_is_held_and_committed(world: World):
    action = world.run("git init -q src; echo code > src/main.py; mkdir build; cp src/main.py build/", policy="agent")
    assert world.status(action) == "HELD", action
    assert world.commit(action).done
    assert (world.path / "build" / "main.py").read_text() == "code\n"


@pytest.mark.parametrize("path", [".git/hooks/post-checkout", ".git/config"])
def test_what_git_runs_later_is_denied_with_the_rule(world: World, path: str):
    (world.path / ".git" / "hooks").mkdir(parents=True)
    action = world.run(f"echo evil > {path}", policy="agent")
    assert world.status(action) == "DENIED"
    assert [line for line in action.refused if line.startswith("deny ") and path in line]
    assert not (world.path / path).exists()
    assert world.status(world.run(f"echo evil > {path}", policy="actions")) == "HELD"


def test_packages_can_be_read_and_nothing_else_can_be_asked_for(world: World, index: str):
    urls = [f"http://{index}/{path}" for path in ("simple/numpy/", "account/login/", "simple/numpy/#post")]
    answer = run(world, GET, *urls, "http://shop.example/")
    lines = answer.stdout.decode().splitlines()
    assert lines[0] == "200 links"
    # A body is more than the rules let out at all.
    assert [line[:3] for line in lines if line[:3].isdigit()] == ["200", "403", "413", "403"], answer
    assert "no rule of 'packages' allows this call" in answer.stdout.decode()
    assert "no rule of 'packages' names the host" in answer.stdout.decode()


def test_without_rules_there_is_no_socket_to_the_outside(world: World):
    program = (
        "import errno, socket\ntry:\n    socket.socket()\nexcept OSError as e:\n    print(errno.errorcode[e.errno])\n"
    )
    assert run(world, program, policy="actions").stdout == b"EAFNOSUPPORT\n"


@pytest.mark.parametrize(
    ("program", "printed"),
    [(FORKS, "EAGAIN 255\n"), (OPENS, "EMFILE 1023\n"), (MANY_FILES, "ENOSPC 511\n"), (touched(1500), "1500\n")],
    ids=["processes", "open files", "disk", "memory within"],
)
def test_its_limits_are_met_as_they_are_documented(world: World, program: str, printed: str):
    answer = run(world, program)
    assert answer.stdout.decode() == printed, answer
    assert answer.action.policy_hash.startswith("sha256:")
    assert run(world, program, policy="actions").stdout.decode() != printed


def test_more_memory_than_it_has_ends_the_action(world: World):
    assert run(world, touched(2200)).action.ended_by == "MEMORY_LIMIT"


def test_the_record_of_an_action_has_the_hash_of_its_policy(world: World):
    assert world.run("true", policy="actions").policy_hash == load_policies()["actions"].hash

"""`sandbox serve`: tells its address, serves, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from sandbox.settings import Settings
from tests.cli.command import Command, job, lines, prints
from tests.cli.conftest import Here

pytestmark = pytest.mark.jail


def started(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode().rstrip("\n")
    assert line, process.communicate()[1]
    return line


def test_json_tells_the_address_and_jobs_can_be_scored_there(sandbox: Command, tmp_path: Path) -> None:
    socket = tmp_path / "sandbox.sock"
    process = sandbox.start("serve", "--listen", f"unix:{socket}", "--cells", "1", "--json")
    try:
        assert json.loads(started(process)) == {"address": f"unix:{socket}"}
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        ended = sandbox("score", "-", "--server", f"unix:{socket}", stdin=lines(job("a", "print(1)", prints("1"))))
        assert ended.code == 0, ended.err
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert rest == b""


def test_people_read_where_it_listens_and_ctrl_c_ends_it(sandbox: Command) -> None:
    process = sandbox.start("serve", "--listen", "127.0.0.1:0", "--cells", "1", "--queue", "8")
    try:
        address = started(process).removeprefix("listening on ")
        assert address.startswith("127.0.0.1:")
        assert int(address.rpartition(":")[2]) > 0
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"Traceback" not in errors


def test_workspace_roots_and_the_home_reach_the_server(
    here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[Settings] = []
    monkeypatch.setattr("sandbox.server.app.run_server", lambda settings, *_: given.append(settings))
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    roots = ("--workspace-root", tmp_path / "link", "--workspace-root", tmp_path)
    ended = here("serve", *roots, "--home", tmp_path / "home", "--listen", f"unix:{tmp_path}/s")
    assert (ended.code, ended.err) == (0, "")
    (settings,) = given
    assert "every user of this machine can reach 127.0.0.1:50051" in here("serve", *roots).err
    assert settings.workspace_roots == (tmp_path / "real", tmp_path)
    assert (settings.home, settings.state) == (tmp_path / "home", tmp_path / "home" / "state")
    assert here("serve", "--workspace-root", tmp_path / "nowhere").code == 2


def test_policies_databases_and_the_journal_reach_the_server_and_secrets_by_the_environment(
    here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[Settings] = []
    monkeypatch.setattr("sandbox.server.app.run_server", lambda settings, *_: given.append(settings))
    monkeypatch.setenv("SHOP", "postgresql://me:secret@h/shop")
    databases = ("--postgres", "shop=env:SHOP", "--postgres", "other=host=/run dbname=other")
    ended = here("serve", "--policies", tmp_path, *databases, "--journal", "env:SHOP", "--listen", "unix:s")
    assert (ended.code, ended.err) == (0, "")
    assert given[0].policies == tmp_path
    assert given[0].databases == (("shop", "postgresql://me:secret@h/shop"), ("other", "host=/run dbname=other"))
    assert given[0].journal_dsn == "postgresql://me:secret@h/shop"
    monkeypatch.setenv("SANDBOX_POLICIES", str(tmp_path))
    assert (here("serve", "--listen", "unix:s").code, given[1].policies) == (0, tmp_path)
    assert (given[1].databases, given[1].journal_dsn) == ((), "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--postgres", "postgresql://me:secret@h/shop?user=me"], "gives a database no name"),
        (["--postgres", "shop"], "gives a database no name"),
        (["--postgres", "a=x", "--postgres", "a=y"], "names a twice"),
        (["--postgres", "a=env:NO_SUCH_VARIABLE"], "there is no such variable"),
        (["--journal", "env:"], "there is no such variable"),
        (["--journal", ""], "names no server"),
        (["--policies", "no-such-folder"], "does not exist"),
    ],
)
def test_what_names_no_database_is_bad_usage_and_is_not_repeated(here: Here, options: list[str], said: str) -> None:
    ended = here("serve", *options, "--listen", "unix:s")
    assert ended.code == 2
    assert said in ended.err
    assert "secret" not in ended.err

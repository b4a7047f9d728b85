"""`sandbox run`: a command acts on a workspace, and its effects wait for what is decided about them."""

from __future__ import annotations

import errno
import os
import select
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, json_option, server_option
from sandbox.errors import SandboxError, nearest

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Action, Database, DiffResponse, ExecuteRequest, ExecuteResponse

_EPILOG = """
examples:
  sandbox run --workspace . -- make install
  sandbox run --workspace . --commit -- sed -i s/a/b/ notes.txt
  sandbox run --workspace . --dry-run --json -- ./migrate.py
  sandbox run --workspace . --database shop.db=journal -- python fix.py
  sandbox run --workspace . --env DEBUG=1 -- pytest -q
  sandbox run --server unix:/run/s --workspace /srv/a --branch try-1 -- make
  sandbox run --workspace . --database shop.db=held --commit \\
      --sql 'UPDATE orders SET total = 0' --sql 'DELETE FROM log'

The command runs in a jail, on a branch of DIR: nothing that it changes is in
DIR before it is committed. It gets what is piped in on stdin, if that has
begun when it starts (-i waits). Its output comes out as it is (the first
16 KiB of each stream); what it changed, and the commands to go on with, are
told on stderr.

With --json the last line of stdout is one object: id, status, action, stdout,
stderr, effects. Bytes that are no UTF-8 are escaped, and in base64 beside.

--sql runs no command: the statements are executed on the database itself, in
one transaction, all of them or none, and their rows come out as JSON lines. A
server keeps it open until it is committed or undone (ten minutes at most).

On a server DIR is a folder there, below one of its workspace roots.

exit codes:
  0  the command ended with exit code 0; with --commit: and is committed
  1  it did not, or was refused; its effects are held all the same
  2  bad usage    3  a fault of ours
"""
_MODES = {"branch": "BRANCH", "journal": "JOURNAL", "held": "HELD"}
_STDIN_BYTES = 64 << 20
# How long a pipe may take to say something: whoever writes it was started at the same time.
_STDIN_S = 0.1
_CLIP = 16 << 10
# Effects in the object that --json prints; `diff --json` prints all.
_EFFECTS = 1000


@click.command(
    "run",
    cls=Verb,
    epilog=_EPILOG,
    context_settings={"allow_interspersed_args": False},
)
@click.argument("command", metavar="[--] CMD...", nargs=-1, type=click.UNPROCESSED)
@click.option("--workspace", metavar="DIR", required=True, help="The folder that it may change.")
@click.option("--hold", is_flag=True, help="Hold its effects until they are committed.  [default]")
@click.option("--commit", is_flag=True, help="Commit them at once, if it ends with exit code 0.")
@click.option("--dry-run", is_flag=True, help="Tell what they would be, and drop them.")
@click.option("--policy", default="", metavar="NAME", help="What it may use.  [actions]")
@click.option("--branch", default="", metavar="NAME", help="A branch of a server: it sees what earlier ones left.")
@click.option("--env", "variables", multiple=True, metavar="K=V", help="A variable of its environment.")
@click.option(
    "--database", "databases", multiple=True, metavar="NAME[=MODE]", help="May use it: branch, journal, held."
)
@click.option("--sql", "statements", multiple=True, metavar="STATEMENT", help="In place of a command, for =held.")
@click.option("--interactive", "-i", is_flag=True, help="Wait for the end of stdin, whoever writes it.")
@server_option
@json_option("Print one JSON object, with the command's output in it.")
def run(
    command: tuple[str, ...],
    workspace: str,
    hold: bool,
    commit: bool,
    dry_run: bool,
    policy: str,
    branch: str,
    variables: tuple[str, ...],
    databases: tuple[str, ...],
    statements: tuple[str, ...],
    interactive: bool,
    server: str | None,
    as_json: bool,
) -> int:
    """Runs a command on a branch of a workspace."""
    from sandbox.cli import loop
    from sandbox.cli.acting import checked, utf8
    from sandbox.v1 import action_pb2

    if bool(command) == bool(statements):
        given = "both a command and --sql are given" if command else "no command is given"
        raise UsageError(given, fix="sandbox run --workspace DIR -- CMD...")
    if branch and server is None:
        raise UsageError(
            "--branch needs a server",
            why="a branch that is kept lives in a server, and ends with it",
            fix="sandbox serve --workspace-root DIR, and run --server ADDRESS",
        )
    if hold + commit + dry_run > 1:
        raise UsageError("--hold, --commit and --dry-run exclude each other", fix="give one of them")
    if statements and server is None and not (commit or dry_run):
        raise UsageError(
            "a transaction cannot be held by a command that ends",
            why="it would be rolled back at once",
            fix="--commit, --dry-run, or --server ADDRESS, which holds it",
        )
    request = action_pb2.ExecuteRequest(
        workspace=utf8("--workspace", workspace if server is not None else _folder(workspace)),
        command=[utf8("the command", word) for word in command],
        statements=[utf8("--sql", each) for each in statements],
        mode="COMMIT" if commit else "DRY_RUN" if dry_run else "HOLD",
        policy=utf8("--policy", policy),
        branch=utf8("--branch", branch),
        environment=dict(_variable(utf8("--env", each)) for each in variables),
        databases=[_database(utf8("--database", each)) for each in databases],
        idempotency_key=_new_key(),
        principal=_who(),
    )
    checked(request)
    if command:
        # Before the event loop runs: a read that waits has to end at Ctrl-C.
        request.stdin = _stdin(interactive)
    answer, diff = loop.run(_run(request, server))
    if as_json:
        _print_json(answer, diff)
    else:
        _print(answer, diff, server)
    return _exit_of(answer.action, commit)


async def _run(request: ExecuteRequest, server: str | None) -> tuple[ExecuteResponse, DiffResponse]:
    from sandbox.cli.acting import open_acting
    from sandbox.model.outcome import FaultError
    from sandbox.v1 import action_pb2

    async with open_acting(server, runs=bool(request.command)) as actions:
        answer = await actions.execute(request)
        if not answer.action.effects:
            return answer, action_pb2.DiffResponse()
        try:
            return answer, await actions.diff(action_pb2.DiffRequest(id=answer.action.id))
        except (SandboxError, FaultError) as error:
            # It was run, and what became of it has to be told all the same.
            render.warning(f"its effects cannot be shown: {render.escaped(str(error))}")
            return answer, action_pb2.DiffResponse()


def _print_json(answer: ExecuteResponse, diff: DiffResponse) -> None:
    from sandbox.cli.action_text import status_of
    from sandbox.cli.plain import json_line, plain

    data = {"id": answer.action.id, "status": status_of(answer.action), **plain(answer)}
    data["effects"] = [plain(effect) for effect in diff.effects[:_EFFECTS]]
    if len(diff.effects) > _EFFECTS:
        data["effects_left_out"] = len(diff.effects) - _EFFECTS
    render.write(json_line(data))


def _print(answer: ExecuteResponse, diff: DiffResponse, server: str | None) -> None:
    from sandbox.cli.action_text import headline, next_steps, remarks
    from sandbox.cli.effects_text import effects_text

    action = answer.action
    render.write(answer.stdout)
    render.write_error(answer.stderr)
    if max(len(answer.stdout), len(answer.stderr)) >= _CLIP:
        render.note("output is shown up to 16 KiB of each stream")
    render.tell(headline(action))
    if diff.effects:
        render.tell(effects_text(diff.effects, f"sandbox diff {action.id}"))
    for line in [*remarks(action, full=False), next_steps(action, server)]:
        if line:
            render.note(line)


def _exit_of(action: Action, commit: bool) -> Exit:
    from sandbox.v1 import action_pb2

    if action.status == action_pb2.Action.IN_DOUBT:
        return Exit.FAULT
    refused = action.status in (action_pb2.Action.DENIED, action_pb2.Action.FAILED)
    well = not refused and action.HasField("exit_code") and not action.exit_code and not action.signal
    if commit and action.status != action_pb2.Action.COMMITTED:
        return Exit.NOT_ACCEPTED
    return Exit.ACCEPTED if well and not action.ended_by else Exit.NOT_ACCEPTED


def _folder(workspace: str) -> str:
    path = Path(workspace)
    if not path.is_dir():
        raise UsageError(f"--workspace {workspace} is no folder", fix="name a folder that is there")
    return str(path.resolve())


def _variable(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        raise UsageError(f"--env {given!r} sets nothing", fix="write it like NAME=VALUE")
    return name, value


def _database(given: str) -> Database:
    from sandbox.v1 import action_pb2

    name, equals, mode = given.rpartition("=")
    if not equals:
        return action_pb2.Database(name=given)
    if mode not in _MODES:
        raise UsageError(f"--database {given!r}: no mode is called {mode!r}", fix=nearest(mode, _MODES))
    return action_pb2.Database(name=name, mode=_MODES[mode])


def _new_key() -> str:
    """A lost answer of a server can then be asked for again without a second run."""
    import uuid

    return uuid.uuid4().hex


def _who() -> str:
    """For the record; it proves nothing."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
    return name if name.isprintable() and len(name) <= 256 else f"uid {os.getuid()}"


def _stdin(wait: bool) -> bytes:
    """What is piped in. Without `wait`, neither a terminal nor a pipe that says nothing is waited for."""
    if os.isatty(0) and not wait:
        return b""
    try:
        if not wait and not _says_something(0):
            render.note("nothing is on stdin yet; -i waits for its end")
            return b""
        with open(0, "rb", closefd=False) as file:
            data = file.read(_STDIN_BYTES + 1)
    except OSError as error:
        if error.errno == errno.EBADF:  # there is none
            return b""
        raise UsageError("cannot read stdin", why=error.strerror or "") from error
    if len(data) > _STDIN_BYTES:
        raise UsageError(f"more than {_STDIN_BYTES >> 20} MiB are piped in", fix="put it into a file of the workspace")
    return data


def _says_something(fd: int) -> bool:
    """Whether a read would return at once: data, an end of file, or a file. Raises OSError where there is none."""
    os.fstat(fd)
    return bool(select.select([fd], [], [], _STDIN_S)[0])

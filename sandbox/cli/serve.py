"""`sandbox serve`: the gRPC server, and the HTTP door beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from sandbox.cli import render
from sandbox.cli.verb import Verb, cells_option, home_option, json_option, settings_given
from sandbox.errors import SetupError

if TYPE_CHECKING:
    from sandbox.door.serving import HttpDoor

_EPILOG = """
examples:
  sandbox serve
  sandbox serve --listen unix:/run/sandbox.sock --cells 16
  sandbox serve --listen 127.0.0.1:0 --json    any free port, told in the answer
  sandbox serve --workspace-root /srv/work     actions may change it
  sandbox serve --workspace-root /srv/work --postgres shop=env:SHOP_DSN
  sandbox serve --http 127.0.0.1:8080          SandboxFusion, Piston, NeMo, ...

Whoever reaches the server can run programs on it, so only loopback addresses
and Unix sockets are listened on, unless --http-exposed says otherwise.
Ctrl-C or SIGTERM ends it and every cell.

exit codes: 0 ended as asked, 2 bad usage, 3 this machine cannot jail programs
"""


@click.command("serve", cls=Verb, epilog=_EPILOG)
@click.option("--listen", metavar="ADDRESS", default="127.0.0.1:50051", show_default=True, help="HOST:PORT, unix:PATH.")
@cells_option
@click.option("--queue", type=click.IntRange(1), metavar="N", help="Jobs that may wait or run at one time.  [4096]")
@click.option(
    "--workspace-root",
    "roots",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Offer actions on folders in DIR; may be given again.  [no actions]",
)
@click.option(
    "--policies",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    metavar="DIR",
    help="Policies in place of the shipped ones.  [$SANDBOX_POLICIES]",
)
@click.option(
    "--postgres",
    "databases",
    multiple=True,
    metavar="NAME=CONNINFO",
    help="A database that actions may use in clones; may be given again. CONNINFO: or env:VAR.",
)
@click.option("--journal", metavar="DSN", help="A PostgreSQL server that keeps the journal, or env:VAR.  [a file]")
@click.option(
    "--language", "languages", multiple=True, metavar="NAME", help="Offer this runtime; may be given again.  [all]"
)
@click.option("--http", metavar="ADDRESS", help="Answer clients of other sandboxes, too: HOST:PORT, unix:PATH.  [no]")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Callers have to send the token in FILE.  [none]",
)
@click.option("--http-policy", metavar="NAME", default="", help="The policy of programs over HTTP.  [default]")
@click.option("--http-exposed", is_flag=True, help="Let --http listen beyond this machine; needs --token-file.")
@home_option
@json_option("Print one JSON line, with the address, when requests are taken.")
def serve(
    listen: str,
    cells: int | None,
    queue: int | None,
    roots: tuple[Path, ...],
    policies: Path | None,
    databases: tuple[str, ...],
    journal: str | None,
    languages: tuple[str, ...],
    http: str | None,
    token_file: Path | None,
    http_policy: str,
    http_exposed: bool,
    home: Path | None,
    as_json: bool,
) -> int:
    """Starts the server, and stays until it is told to end."""
    from sandbox.cli.conninfo import conninfo, named
    from sandbox.doctor import preflight
    from sandbox.server.app import check_address, run_server
    from sandbox.server.auth import read_token
    from sandbox.settings import Settings, state_in

    check_address(listen)
    given = settings_given(cells=cells, queue=queue, home=home, state=home and state_in(home), policies=policies)
    given |= settings_given(journal_dsn=None if journal is None else conninfo("--journal", journal))
    given["databases"] = named("--postgres", databases)
    token = read_token(token_file) if token_file else b""
    door = _door(http, token, http_policy, http_exposed) if http else None
    preflight()

    def ready(address: str) -> None:
        if as_json:
            render.line(json.dumps({"address": address, **({"http": door.listening} if door else {})}))
        else:
            render.line(f"listening on {address}" + (f", and for HTTP on {door.listening}" if door else ""))

    if roots and not listen.startswith("unix:"):
        render.warning(
            f"every user of this machine can reach {listen}, and with it change what is in the workspace roots; "
            "unix:PATH is for this user alone"
        )
    settings = Settings(address=listen, workspace_roots=roots, token=token, languages=languages, **given)
    run_server(settings, ready, door.opened if door else None)
    return 0


def _door(address: str, token: bytes, policy: str, exposed: bool) -> HttpDoor:
    try:
        from sandbox.door.serving import HttpDoor
    except ModuleNotFoundError as error:
        raise SetupError(
            f"--http needs {error.name}",
            why="the HTTP door is an extra",
            fix="pip install 'reward-sandbox[server,http]'",
        ) from None
    return HttpDoor(address, token, policy, exposed)

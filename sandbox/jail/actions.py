"""Runs of commands and programs on branches of workspaces, each in a jail of its own.

An engine that holds the branch calls `ActionCells.run`; what the run changed is in the branch afterwards.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.errors import JobError
from sandbox.jail.pool import Pool
from sandbox.jail.workspace import Workspace
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended
from sandbox.model.plan import ACTION_INIT_ID, EGRESS_PORT, WORK, CellPlan, File, TestPlan

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
# As the kernel bounds them, with room for the environment of the cell: one string, and all strings of an exec.
_STRING_BYTES, _STRINGS_BYTES = (128 << 10) - 1, 1 << 20
_CERTIFICATES = ".egress-certificates.pem"
_PROXY = f"http://127.0.0.1:{EGRESS_PORT}"
_PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_CERTIFICATE_NAMES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True, slots=True)
class ActionRun:
    """One action, as it is to run. A wrong field is a JobError.

    `mode`: "command" looks `argv[0]` up on the PATH of the jail, or takes it as a path; "main" runs `main.py` of
    `files` as a Python program, with `argv` as its arguments. The working folder is the workspace; `files` are laid
    out in /box/work, and go with the run. Strings may hold any byte but NUL, as os.fsdecode makes them.
    `mount`, `uid`, `gid` and `on_listener` are those of `Workspace`. With `on_listener`, which needs a plan with
    egress, the environment leads clients to its socket, and to `certificates` (PEM), which are all that they trust.
    """

    argv: tuple[str, ...]
    limits: Limits
    mount: int
    uid: int
    gid: int
    mode: Literal["command", "main"] = "command"
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    on_listener: Callable[[socket.socket], None] | None = None
    certificates: bytes = b""

    def __post_init__(self) -> None:
        if self.mode == "command" and not (self.argv and self.argv[0]):
            raise JobError("argv", "it names no command", "give the command, and then its arguments")
        if self.mode == "main" and all(file.path != "main.py" for file in self.files):
            raise JobError("files", "there is no main.py among them", "call the file that is to run main.py")
        for name in self.environment:
            if not _NAME.fullmatch(name):
                raise JobError("environment", f"{name[:80]!r} is no name of a variable", "use letters, digits and _")
        _check_strings("argv", self.argv)
        _check_strings("environment", [f"{name}={value}" for name, value in self.environment.items()])
        for name, number in (("uid", self.uid), ("gid", self.gid)):
            if not 0 <= number < ACTION_INIT_ID:
                raise JobError(name, f"{number} is no id of a workspace's owner", f"take one below {ACTION_INIT_ID}")

    def plan(self) -> TestPlan:
        """What the cell is told."""
        argv = self.argv if self.mode == "command" else ("main.py", *self.argv)
        environment = {**(self._egress() if self.on_listener else {}), **self.environment}
        return TestPlan(
            self.mode, self.limits, stdin=self.stdin, argv=argv, environment=tuple(sorted(environment.items()))
        )

    def all_files(self) -> tuple[File, ...]:
        """The program's files, and what the way out needs."""
        return (*self.files, File(_CERTIFICATES, self.certificates)) if self.certificates else self.files

    def _egress(self) -> dict[str, str]:
        certificates = dict.fromkeys(_CERTIFICATE_NAMES, f"{WORK}/{_CERTIFICATES}") if self.certificates else {}
        return {**dict.fromkeys(_PROXY_NAMES, _PROXY), "no_proxy": "", "NO_PROXY": "", **certificates}


def _check_strings(where: str, strings: tuple[str, ...] | list[str]) -> None:
    total = 0
    for text in strings:
        try:
            size = len(text.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            raise JobError(where, "it has characters that are no bytes", "decode bytes with os.fsdecode") from None
        if "\0" in text:
            raise JobError(where, "it has a NUL in it", "no program can be given one")
        if size > _STRING_BYTES:
            raise JobError(
                where, f"{size} bytes are more than the {_STRING_BYTES} of one string", "use stdin or a file"
            )
        total += size + 1
    if total > _STRINGS_BYTES:
        raise JobError(where, f"{total} bytes are more than the {_STRINGS_BYTES} of all strings", "use stdin or a file")


class ActionCells:
    """Runs actions in the cells of a pool. Used from one event loop."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run(self, plan: CellPlan, action: ActionRun) -> Ended:
        """Runs `action` in a cell of `plan` (`sandbox/action_plan.py`) and says how it ended.

        When this returns, all that the action started is dead, and its branch is mounted nowhere but where the caller
        itself has it. When it raises, JailFault or because it was cancelled, that may take a moment longer, and what
        the branch holds is nothing that anybody can rely on: it is to be thrown away.
        What is written to a branch in memory counts as memory of the action, and of the cell until the branch is gone.
        """
        if not plan.workspace or (action.on_listener is not None and not plan.egress):
            raise ValueError(f"cells of {plan.name} cannot run this action")
        workspace = Workspace(action.mount, action.uid, action.gid, action.on_listener)
        async with self._pool.cell(plan) as cell:
            cell.open_program(action.all_files(), action.limits.disk_bytes)
            return await cell.submit(action.plan(), last=True, workspace=workspace)

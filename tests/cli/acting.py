"""The command line over actions that are kept in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.command import Ended
from tests.cli.effects import GOLDEN, effect, entry, hostile
from tests.fake_actions import FakeActions, Run

WRITE = effect("files:a.txt", "create", None, entry(3))


class Acting:
    """`sandbox` in this process, and the actions behind it."""

    def __init__(self, here: Callable[..., Ended], actions: FakeActions, folder: Path) -> None:
        self.here, self.actions, self.folder = here, actions, folder

    def run(self, *command: str, options: tuple[object, ...] = (), stdin: bytes = b"") -> Ended:
        return self.here("run", "--workspace", self.folder, *options, "--", *command, stdin=stdin)

    def json(self, *arguments: object) -> dict[str, Any]:
        """The one object that a verb prints with --json."""
        ended = self.here(*arguments, "--json")
        assert ended.out.isascii()
        (line,) = ended.out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    def status(self, name: str = "a1") -> str:
        from sandbox.v1 import action_pb2

        return action_pb2.Action.Status.Name(self.actions.actions[name].status)


class Spawner:
    """What starts jails, as far as a verb has to do with it."""

    def __init__(self) -> None:
        self.life: list[str] = []

    def attach(self, loop: object) -> None:
        self.life.append("attached")

    def close(self) -> None:
        self.life.append("closed")


def fake() -> FakeActions:
    """Commands of every kind."""
    return FakeActions(
        write=Run(WRITE, stdout=b"written\n", stderr=b"careful\n"),
        broken=Run(WRITE, exit_code=3),
        bytes=Run(stdout=bytes(range(256)), stderr=b"\xff"),
        loud=Run(stdout=b"x" * (16 << 10)),
        hostile=Run(*hostile()),
        all=Run(*(each for name, effects in GOLDEN.items() if name != "hostile" for each in effects)),
        many=Run(*(effect(f"files:{number}", "create", None, entry(1)) for number in range(3000))),
    )

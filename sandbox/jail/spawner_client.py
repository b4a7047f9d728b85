"""The server's side of the spawner: starts it, asks for cells, hears of their deaths, restarts it when it dies."""

from __future__ import annotations

import array
import asyncio
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.jail.cgroup import find_hierarchy, remove_all
from sandbox.jail.leftovers import clear_leftovers, make_folder
from sandbox.jail.wire import encode, plan_to_json
from sandbox.model.outcome import JailFault
from sandbox.model.plan import CellPlan

_MESSAGE = 1 << 17
_SPAWN_TIMEOUT_S = 20


@dataclass(slots=True)
class Spawned:
    """A cell that nsjail has started: the server's ends of its channel, and its cgroup's counters."""

    number: int
    pid: int
    control: socket.socket
    stop: int
    stderr: int
    cgroup: str
    counters: dict[str, int]


class SpawnerClient:
    """Owns the spawner's process. Used from one event loop; `start` before gRPC is."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[tuple[dict[str, Any], list[int]]]] = {}
        self._on_death: dict[int, Callable[[str], None]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._held = -1
        self._unfit = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Starts the process. What a program prints by mistake there goes to the server's own stderr."""
        clear_leftovers()
        self._folder, self._held = make_folder()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # No preexec function: the interpreter may then use vfork, which runs no fork handlers of gRPC.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.jail.spawner", str(theirs.fileno()), str(self._folder)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            start_new_session=True,
        )
        theirs.close()
        ours.setblocking(False)
        self._socket = ours

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to listen on `loop`."""
        self._loop = loop
        loop.add_reader(self._socket, self._read)

    async def spawn(self, plan: CellPlan, on_death: Callable[[str], None]) -> Spawned:
        """Starts a cell. `on_death` is called once, with the reason, when its jail has ended."""
        if self._unfit:
            raise JailFault(f"no jail can be started here: {self._unfit}")
        number = next(self._numbers)
        control, their_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        their_stop, stop = os.pipe2(os.O_CLOEXEC)
        # Regular files from the start: the interpreter looks at its standard streams once, while it starts.
        stdio = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._on_death[number] = on_death
        try:
            socket.send_fds(
                self._socket,
                [encode({"op": "spawn", "id": number, "plan": plan_to_json(plan)})],
                [*stdio, their_control.fileno(), their_stop],
            )
            message, fds = await asyncio.wait_for(answer, _SPAWN_TIMEOUT_S)
        except BaseException as error:
            self.kill(number)
            control.close()
            for fd in (stop, stdio[2], *_counters_of(answer)):
                os.close(fd)
            if isinstance(error, OSError):
                raise JailFault(f"the spawner does not answer: {error}") from error
            raise
        finally:
            self._waiting.pop(number, None)
            their_control.close()
            for fd in (their_stop, *stdio[:2]):
                os.close(fd)
        control.setblocking(False)
        counters = dict(zip(message["counters"], fds, strict=True))
        return Spawned(number, message["pid"], control, stop, stdio[2], message["cgroup"], counters)

    def kill(self, number: int) -> None:
        """Kills a cell at once; its death is told through `on_death`."""
        try:
            self._socket.send(encode({"op": "kill", "id": number}))
        except OSError:
            pass  # with the spawner gone its cells are dead

    def close(self) -> None:
        """Ends the spawner and every cell."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
        self._socket.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder is not None:
            # The spawner has done so itself, unless it was killed.
            remove_all(find_hierarchy(), self._folder.name)
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._held)
            self._folder = None
        for number in {*self._waiting, *self._on_death}:
            self._died(number, self._unfit or "the spawner ended")

    def _read(self) -> None:
        try:
            data, ancillary, _, _ = self._socket.recvmsg(_MESSAGE, socket.CMSG_SPACE(16 * 4))
        except BlockingIOError:
            return
        except OSError:
            data, ancillary = b"", []
        if not data:
            self._restart()
            return
        fds = array.array("i")
        for _, _, payload in ancillary:
            fds.frombytes(payload)
        message = json.loads(data)
        if message["op"] == "unfit":
            self._unfit = str(message["why"])
            return
        number = message["id"]
        waiting = self._waiting.get(number)
        if message["op"] == "spawned" and waiting is not None and not waiting.done():
            waiting.set_result((message, list(fds)))
            return
        for fd in fds:
            os.close(fd)
        if message["op"] == "died":
            self._died(number, message["why"])

    def _died(self, number: int, why: str) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(JailFault(why))
        on_death = self._on_death.pop(number, None)
        if on_death is not None:
            on_death(why)

    def _restart(self) -> None:
        """The spawner died, and its cells with it: tells who was waiting, and starts another if it can work here."""
        loop = self._loop
        self.close()
        self._loop = loop
        if not self._unfit:
            self.start()
            if loop is not None:
                self.attach(loop)


def _counters_of(answer: asyncio.Future[tuple[dict[str, Any], list[int]]]) -> list[int]:
    """The descriptors of an answer that came while nobody waited for it any more."""
    return answer.result()[1] if answer.done() and not answer.cancelled() and answer.exception() is None else []

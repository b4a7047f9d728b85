"""A cell as the server sees it: one running jail that takes programs, one after the other, and runs their tests.

The other end of the channel is `sandbox/jail/init/boot.py`, where the messages are described.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import math
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.jail import descriptors
from sandbox.jail.replies import read_message
from sandbox.jail.running import Running, limits_message, open_files, output_sizes, pass_on, read_ended
from sandbox.jail.spawner_client import Spawned, SpawnerClient
from sandbox.jail.wire import encode, watched_to_json
from sandbox.jail.workspace import Workspace, listener, receive
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JailFault
from sandbox.model.plan import WORK, CellPlan, File, TestPlan

_READY_TIMEOUT_S = 20
_GRACE_S = 10
_LAST_WORDS_S, _LAST_WORDS = 1.0, 2000
_MESSAGE = 65536
_LIMIT_SETS = 64
# Above this, copying goes to a thread: the event loop has other cells to serve.
_LARGE = 1 << 20


class Cell:
    """One jail. Used by one program at a time; `fault` is set, once, when it can take no more."""

    def __init__(self, spawner: SpawnerClient, plan: CellPlan) -> None:
        self.plan = plan
        self.fault: JailFault | None = None
        self.version = ""
        self._spawner = spawner
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._limits: dict[Limits, int] = {}
        self._unopened: tuple[dict[str, Any], int] | None = None
        self._open = False
        self._running: deque[Running] = deque()
        self._ready: asyncio.Future[dict[str, Any]] | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._due = math.inf
        self._gone = asyncio.Event()
        self._spawned: Spawned | None = None
        self.on_death: Callable[[Cell], None] | None = None

    async def start(self) -> None:
        """Starts the jail and waits until its init is ready. Raises JailFault."""
        spawned = await self._spawner.spawn(self.plan, self._died)
        self._spawned = spawned
        self._loop.add_reader(spawned.control, self._read)
        hello = {
            "op": "hello",
            "cgroup": spawned.cgroup,
            "counters": [*spawned.counters],
            "seccomp": self.plan.seccomp.hex(),
            "watched": watched_to_json(self.plan.watched) if self.plan.seccomp else None,
            "disk": self.plan.limits.disk_bytes,
            "fresh": self.plan.fresh == "test",
            "boot_mount": self.plan.boot_mount,
        }
        self._ready = self._loop.create_future()
        try:
            self._send(hello, [*spawned.counters.values()])
            self.version = (await asyncio.wait_for(self._ready, _READY_TIMEOUT_S))["version"]
        except TimeoutError:
            self.kill()
            raise await self._last_words("the init does not answer") from None
        except JailFault as fault:
            raise await self._last_words(str(fault)) from fault
        finally:
            self._ready = None
            for fd in spawned.counters.values():
                os.close(fd)

    async def _last_words(self, why: str) -> JailFault:
        """The fault of a cell that did not start, with what it said before it ended."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), _LAST_WORDS_S)
        notes = [note for note in getattr(self.fault, "__notes__", []) if note.strip()]
        return JailFault("; ".join([why, *notes])[-_LAST_WORDS:])

    @property
    def pid(self) -> int:
        """The jail's process on the host."""
        return self._spawned.pid if self._spawned else 0

    @property
    def cgroup(self) -> str:
        """Which cgroups bound the cell: "v1", "v2" or "none"."""
        return self._spawned.cgroup if self._spawned else "none"

    def open_program(self, files: Sequence[File], disk_bytes: int) -> None:
        """Gives the files of the next program. Its tests follow, then `end_program`."""
        program: dict[str, Any] = {"disk": disk_bytes}
        parts = [file.data for file in files]
        if [(file.path, file.executable) for file in files] == [(self.plan.main.removeprefix(f"{WORK}/"), False)]:
            program["main"] = len(parts[0])
        elif files:
            table, offset = [], 0
            for file in files:
                table.append([file.path, offset, len(file.data), file.executable])
                offset += len(file.data)
            parts.append(json.dumps(table).encode())
            program["table"] = [offset, len(parts[-1])]
        bundle = descriptors.sealed("program", b"".join(parts))
        self._drop_unopened()
        # Sent along with the first test: one datagram less for each program.
        self._unopened = (program, bundle)

    def _drop_unopened(self) -> None:
        if self._unopened is not None:
            os.close(self._unopened[1])
            self._unopened = None

    def submit(
        self,
        plan: TestPlan,
        collect: Sequence[str] = (),
        channel: int | None = None,
        streams: tuple[int, int] | None = None,
        last: bool = False,
        keep: tuple[str, str] | None = None,
        workspace: Workspace | None = None,
    ) -> asyncio.Future[Ended]:
        """Queues one test of the open program. Tests run one after the other, in the order of the calls.

        `last` ends the program after it, as `end_program` would.

        `collect` names files whose bytes come back as `collected`; `channel` is a socket that the candidate is given;
        `streams` take the place of its standard input and output, and nothing of them comes back; from its start on,
        nobody but the candidate (and the caller) has them open.
        With `keep` the next test of the program finds the folders as this one left them, with the first of two files
        moved to where the second is; where something still runs (`Ended.alone` is false), nothing is kept.
        `workspace` is for the cells of such plans. When the future has a result, all that ran is dead and the branch is
        mounted nowhere; when it has none, something may go on writing to the branch for a moment.

        The future may end in JailFault; so may the call.
        """
        limits = self._limits_number(plan.limits)
        fds, places = open_files(plan, bool(collect), channel, streams)
        sent = [*fds]
        number = next(self._numbers)
        running = Running(number, plan, places.get("claims"), fds, self._loop.create_future(), len(collect))
        try:
            message = self._test_message(number, limits, plan, collect, places)
            if streams is not None:
                message["piped"] = True
            if keep is not None:
                message["keep"] = keep
            if workspace is not None:
                running.on_listener = workspace.on_listener
                listen = workspace.on_listener is not None
                message["actor"] = {"uid": workspace.uid, "gid": workspace.gid, "listen": listen}
                sent.append(workspace.mount)
            if self._unopened is not None:
                message["program"], bundle = self._unopened
                sent.append(bundle)
            message["last"] = last
            self._send(message, sent)
        except BaseException:
            running.close()
            raise
        if streams is not None:
            running.let_go_of_streams()
        self._drop_unopened()
        self._open = not last
        self._running.append(running)
        if len(self._running) == 1:
            self._watch()
        return running.done

    def _test_message(
        self, number: int, limits: int, plan: TestPlan, collect: Sequence[str], places: dict[str, int]
    ) -> dict[str, Any]:
        first = plan.argv[0] if plan.argv and plan.mode != "command" else ""
        job: dict[str, Any] = {
            "mode": plan.mode,
            "path": first if first.startswith("/") else "",
            "argv0": first,
            "places": places,
            "seed": plan.seed,
        }
        if plan.crash_codes != (1, 1, 1):
            job["crash"] = plan.crash_codes
        return {"op": "test", "number": number, "limits": limits, "collect": list(collect), "job": job}

    def _limits_number(self, limits: Limits) -> int:
        """The number under which the init knows these limits; most tests of a cell share one set."""
        number = self._limits.get(limits)
        if number is None:
            number = len(self._limits) % _LIMIT_SETS
            self._limits = {known: each for known, each in self._limits.items() if each != number}
            self._send({"op": "limits", "id": number, **limits_message(limits)}, [])
            self._limits[limits] = number
        return number

    def end_program(self) -> None:
        """Ends the program, killing whatever of it still runs. The next may be opened at once. Raises JailFault."""
        stopped = bool(self._running)
        if stopped:
            assert self._spawned is not None
            os.write(self._spawned.stop, b"x")
            for running in self._running:
                running.done.cancel()
                running.close()
            self._running.clear()
            self._watch()
            self._open = True
        self._drop_unopened()
        if self.fault is not None:
            raise self._fault("the cell is gone")
        if self._open:
            self._open = False
            self._send({"op": "end", "stopped": stopped}, [])

    def kill(self) -> None:
        """Ends the cell at once."""
        self._fail("the cell was ended")
        if self._spawned is not None:
            self._spawner.kill(self._spawned.number)

    def _send(self, message: dict[str, Any], fds: Sequence[int]) -> None:
        if self.fault is not None or self._spawned is None:
            raise self._fault("the cell is gone")
        try:
            socket.send_fds(self._spawned.control, [encode(message)], fds)
        except OSError as error:
            self.kill()
            raise self._fault(f"the cell does not take messages: {error}") from error

    def _read(self) -> None:
        assert self._spawned is not None
        # One message: when there are more, the event loop calls again.
        control = self._spawned.control
        came: list[int] = []
        try:
            # Descriptors that there is no room for are closed by the kernel.
            data, came = receive(control, _MESSAGE) if self.plan.egress else (control.recv(_MESSAGE), [])
        except BlockingIOError:
            return
        except OSError:
            data = b""
        try:
            if data:
                self._take(read_message(data), came)
                return
        except JailFault as nonsense:
            self._fail(str(nonsense))
        finally:
            for fd in came:
                os.close(fd)
        self._loop.remove_reader(self._spawned.control)
        self.kill()

    def _take(self, message: dict[str, Any], came: list[int]) -> None:
        """Does what a message asks for. Raises JailFault for one that does not fit what was sent."""
        if message["op"] == "result":
            # Results of a program that was ended meanwhile have nobody waiting for them.
            if self._running and message["number"] == self._running[0].number:
                if len(message.get("collected") or ()) != self._running[0].collected:
                    raise JailFault("the init sent other files than were asked for")
                self._finish(self._running.popleft(), message)
                self._watch()
        elif message["op"] == "listener":
            head = self._running[0] if self._running else None
            if head is not None and head.number == message["number"]:
                if head.on_listener is None:
                    raise JailFault("the init sent a listener that nobody asked for")
                on_listener, head.on_listener = head.on_listener, None
                on_listener(listener(came))
        elif message["op"] == "failed":
            self._fail(message["why"])
            self.kill()
        elif self._ready is not None and not self._ready.done() and message["op"] == "ready":
            self._ready.set_result(message)

    def _finish(self, running: Running, message: dict[str, Any]) -> None:
        sizes = output_sizes(running)
        if sum(sizes) > _LARGE:
            task = self._loop.run_in_executor(None, read_ended, running, sizes, message)
            task.add_done_callback(lambda ended: pass_on(ended, running))
            return
        ended = read_ended(running, sizes, message)
        running.close()
        if not running.done.done():
            running.done.set_result(ended)

    def _watch(self) -> None:
        """Bounds the time of the test at the head; the init's own limits come long before."""
        if not self._running:
            self._due = math.inf
            return
        self._due = self._loop.time() + self._running[0].plan.limits.wall_time_ms / 1000 + _GRACE_S
        # One timer for many tests: when it goes off too early, it is set anew.
        if self._watchdog is None or self._watchdog.when() > self._due:
            self._set_watchdog()

    def _set_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        if self._due < math.inf:
            self._watchdog = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._watchdog = None
        if self._loop.time() < self._due:
            self._set_watchdog()
        else:
            self._fail("the init did not end a test in time")
            self.kill()

    def _died(self, why: str) -> None:
        if self.fault is not None:
            self.fault.add_note(why)
        self._fail(why)
        if self._spawned is not None:
            self._loop.remove_reader(self._spawned.control)
            self._spawned.control.close()
            os.close(self._spawned.stop)
            last_words = _words(os.pread(self._spawned.stderr, 8192, 0))
            os.close(self._spawned.stderr)
            self._spawned = None
            if last_words and self.fault is not None:
                self.fault.add_note(last_words)
        self._gone.set()
        if self.on_death is not None:
            self.on_death(self)

    def _fault(self, why: str) -> JailFault:
        return JailFault(f"{self.plan.name}: {self.fault or why}")

    def _fail(self, why: str) -> None:
        if self.fault is not None:
            return
        self.fault = JailFault(why)
        if self._watchdog is not None:
            self._watchdog.cancel()
        for running in self._running:
            running.close()
            if not running.done.done():
                running.done.set_exception(self._fault(why))
                running.done.exception()  # seen: whoever waits for an earlier test of the program is told, too
        self._running.clear()
        self._drop_unopened()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(self._fault(why))


def _words(stderr: bytes) -> str:
    """What a jail printed, without the loader's remarks on its libraries."""
    lines = stderr.decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if "no version information available" not in line).strip()

"""Targets of what jails say over their channels: the init's messages, frames, a candidate's answers, reports."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.jail.cell import Cell
from sandbox.jail.init import asserting, frames, plain
from sandbox.jail.init.remote import Remote
from sandbox.jail.spawner_client import Spawned
from sandbox.jail.workspace import Workspace
from sandbox.judge.comparators import text_comparator
from sandbox.judge.split import SplitCheck
from sandbox.judge.stdio import StdioCheck
from sandbox.model.outcome import Ended, FaultError, JailFault, JudgeFault
from sandbox.model.plan import CellPlan, TestPlan
from tests.fuzz.laws import CUT, LIMITS, PLAN, demand, ended, lawful, pick

_CELL = CellPlan("fuzzed", (), "", "python", "main.py", (), (), (), (), b"", None, LIMITS, "program")
_READY = json.dumps({"op": "ready", "version": "3.12.1", "idle_memory": 1}).encode()
_RUN = TestPlan("main", LIMITS, stdin=b"", argv=("main",))
_ECHO = StdioCheck(_RUN, LIMITS, (b"",), text_comparator(""), False)

# A test that nobody answers is waited for no longer than this.
_PATIENCE_S = 5

# What it does with the candidate's answers takes a bounded time: in a jail there would be a limit.
TEST_CODES = [
    "assert f(1) == 2", "assert f(f(1)) == f(2)", "assert f(1)[0] == 1", "x = f(1)\nassert x.a.b(2) == 1\nx.c = 2",
    "assert len(f(1)) == 2", "def check(g):\n assert g(1) == 1\n assert g(2)", "assert f(1) in (1, 2)",
    "try:\n f(1)\nexcept ValueError as e:\n assert str(e) == 'x'\nelse:\n assert 0", "assert str(f(1)) == '1'",
    "for i, x in zip(range(3), f(1)):\n assert f(x) == i", "assert isinstance(f(1), f)",
]  # fmt: skip


class _Spawner:
    """Stands in for the spawner: gives one cell, and tells of its death once it is killed."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ours.setblocking(False)
        self.theirs.setblocking(False)
        self._died: Callable[[str], None] = lambda why: None
        self.listening, self._stop = os.pipe()

    async def spawn(self, plan: CellPlan, on_death: Callable[[str], None]) -> Spawned:
        self._died = on_death
        return Spawned(1, 1, self.ours, self._stop, os.memfd_create("stderr"), "none", {})

    def kill(self, number: int) -> None:
        died, self._died = self._died, lambda why: None
        asyncio.get_running_loop().call_soon(died, "killed")

    def close(self) -> None:
        self.theirs.close()
        os.close(self.listening)


def init_messages(data: bytes) -> object:
    """What an init that was taken over says ends in results, or in a JailFault of that cell; never in the event loop.

    The first byte: whether the cell is already there, whether files are asked for, whether a way out is, and which
    descriptor comes with each message, if one does. Then one message a part.
    """
    number, rest = pick(data)
    messages = rest.split(CUT)[:16]
    with socket.socket() as idle, socket.socket() as listening:
        listening.listen()
        sent = ([], [idle.fileno()], [listening.fileno()], [0, listening.fileno(), idle.fileno()])[number >> 3 & 3]
        before = len(os.listdir("/proc/self/fd"))
        found = asyncio.run(
            asyncio.wait_for(
                _messages(messages, bool(number & 1), bool(number & 2), bool(number & 4), sent), _PATIENCE_S
            )
        )
        demand(len(os.listdir("/proc/self/fd")) == before, "a descriptor stayed open")
    return found


async def _messages(messages: list[bytes], ready: bool, collect: bool, egress: bool, sent: list[int]) -> object:
    loop = asyncio.get_running_loop()
    broken: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: broken.append(context))
    spawner = _Spawner()
    cell = Cell(spawner, replace(_CELL, workspace=egress, egress=egress))  # type: ignore[arg-type]
    listeners: list[socket.socket] = []
    way_out = Workspace(0, 0, 0, listeners.append) if egress else None
    for message in [_READY, *messages] if ready else messages:
        # An empty datagram says the same as the end.
        if message:
            socket.send_fds(spawner.theirs, [message[:60_000]], sent)
    if not ready:
        spawner.theirs.shutdown(socket.SHUT_WR)
    try:
        await cell.start()
        wanted = ["out"] if collect else []
        runs = [cell.submit(replace(_RUN, claims=True), collect=wanted, workspace=way_out) for _ in range(2)]
        spawner.theirs.shutdown(socket.SHUT_WR)
        results: list[Any] = await asyncio.gather(*runs, return_exceptions=True)
    except JailFault:
        results = []
    for listener in listeners:
        demand(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1, "a way out that does not listen")
        listener.close()
    cell.kill()
    while cell.pid:
        await asyncio.sleep(0)
    spawner.close()
    demand(not broken, f"the event loop was told: {broken}")
    demand(isinstance(cell.fault, JailFault), "a cell that hung up can be used on")
    return [_result(each) for each in results]


def _result(result: object) -> object:
    if isinstance(result, JailFault):
        return "fault"
    assert isinstance(result, Ended), result
    try:
        return lawful(_ECHO.judge(result))
    except FaultError as fault:
        return fault.kind


def frames_read(data: bytes) -> object:
    """Any bytes on the channel are texts, and then the end."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    theirs.send(data[:60_000])
    theirs.close()
    found = []
    with ours:
        while (frame := frames.receive(ours.fileno())) is not None:
            found.append(frame)
    demand(sum(map(len, found)) <= len(data), "more text than was sent")
    return found


def candidate_answers(data: bytes) -> object:
    """What a candidate says to test code: a lawful result of the test, and never a fault.

    The first byte: which test code. Then one answer a part, the first to the loading of the program.
    """
    number, rest = pick(data)
    code = TEST_CODES[number % len(TEST_CODES)]
    report = _tested(code, rest.split(CUT)[:16])
    check = SplitCheck(PLAN, PLAN, LIMITS, code.count("assert"), bool(number & 128), ())
    judged = check.judge_split(ended(), ended(extra=json.dumps(report).encode()))
    return lawful(judged)


def _tested(code: str, answers: list[bytes]) -> dict[str, object]:
    """What the test's side makes of it, in this process."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for answer in answers:
        ours.send(len(answer[:4000]).to_bytes(4, "big") + answer[:4000])
    ours.shutdown(socket.SHUT_WR)
    known = dict(plain._READERS)
    try:
        remote = Remote(theirs.fileno())
        return asserting.report(remote, {"code": code, "names": [], "entry_point": "f", "setup": ""})
    finally:
        ours.close()
        theirs.close()
        plain._READERS.clear()
        plain._READERS.update(known)


def split_reports(data: bytes) -> object:
    """Any bytes where a report should be: a lawful result, or the one fault that says that there is no report."""
    number, rest = pick(data)
    check = SplitCheck(PLAN, PLAN, LIMITS, number % 3 + 1, bool(number & 128), ("alarm",))
    try:
        return lawful(check.judge_split(ended(), ended(extra=rest)))
    except JudgeFault as fault:
        return str(fault)

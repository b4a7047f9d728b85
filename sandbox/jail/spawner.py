"""The process that starts cells: started before gRPC, without threads, in a mount namespace of its own.

    python -m sandbox.jail.spawner SOCKET_FD FOLDER

The server asks for cells over a socket; each request carries the ends of the cell's own channel, so that once a cell
runs, the spawner only waits for it to die. When the server goes, the spawner and every cell go with it.
"""

from __future__ import annotations

import array
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError, SetupError
from sandbox.jail import nsjail
from sandbox.jail.cgroup import Cgroup, find_hierarchy, remove_all
from sandbox.jail.stage import Stage
from sandbox.jail.wire import encode, plan_from_json

# Host ids from here up belong to cells: two for each, never one that a login uses.
HOST_IDS = 0x70000000
_PR_SET_PDEATHSIG = 1
_MESSAGE = 1 << 17
_INIT = Path(__file__).parent / "init"
_libc = ctypes.CDLL(None)


@dataclass(slots=True)
class _Cell:
    process: subprocess.Popen[bytes]
    cgroup: Cgroup
    slot: int
    log: int


class Spawner:
    """Starts, watches and clears away cells, one request at a time."""

    def __init__(self, control: socket.socket, folder: Path) -> None:
        self._control = control
        self._hierarchy = find_hierarchy()
        if self._hierarchy.kind == "none":
            raise SetupError("no cgroup with the memory and pids controllers can be used here")
        self._stage = Stage(folder)
        self._name = folder.name
        self._cells: dict[int, _Cell] = {}
        self._by_pidfd: dict[int, int] = {}
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Until the server hangs up."""
        while True:
            for fd, _ in self._poll.poll():
                if fd != self._control.fileno():
                    self._bury(fd)
                elif not self._answer():
                    self._close()
                    return

    def _answer(self) -> bool:
        data, fds = _receive(self._control)
        if not data:
            return False
        message = json.loads(data)
        if message["op"] == "kill":
            cell = self._cells.get(message["id"])
            if cell is not None:
                cell.process.kill()
        elif message["op"] == "spawn":
            self._spawn(message, fds)
        return True

    def _spawn(self, message: dict[str, Any], fds: list[int]) -> None:
        number = message["id"]
        try:
            plan = plan_from_json(message["plan"])
            slot = min(set(range(len(self._cells) + 1)) - {cell.slot for cell in self._cells.values()})
            cgroup = Cgroup(self._hierarchy, f"{self._name}/{number}", plan.limits.processes)
            root = self._stage.root(plan.root)
            boot = self._stage.boot(
                _INIT, json.dumps({"modules": plan.preload, "packages": plan.packages, "modes": plan.modes})
            )
            log = os.memfd_create("nsjail.log")
            config = os.memfd_create("nsjail.cfg")
            os.write(config, nsjail.render(plan, root, boot, HOST_IDS + 2 * slot, log).encode())
            channel = dict(zip((0, 1, 2, nsjail.CONTROL, nsjail.STOP), fds, strict=True))
            process = _start(str(nsjail.nsjail_binary()), config, log, channel, cgroup)
            os.close(config)
        except (OSError, subprocess.SubprocessError, ValueError, SandboxError) as error:
            self._send({"op": "died", "id": number, "why": f"{type(error).__name__}: {error}"}, [])
            return
        finally:
            for fd in fds:
                os.close(fd)
        self._cells[number] = _Cell(process, cgroup, slot, log)
        pidfd = os.pidfd_open(process.pid)
        self._by_pidfd[pidfd] = number
        self._poll.register(pidfd, select.POLLIN)
        counters = cgroup.open()
        self._send(
            {
                "op": "spawned",
                "id": number,
                "pid": process.pid,
                "cgroup": self._hierarchy.kind,
                "counters": [*counters],
            },
            [*counters.values()],
        )
        for fd in counters.values():
            os.close(fd)

    def _bury(self, pidfd: int) -> None:
        """Clears away a cell whose jail has ended, and says so."""
        number = self._by_pidfd.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        cell = self._cells.pop(number)
        status = cell.process.wait()
        cell.cgroup.remove()
        log = os.pread(cell.log, 4096, 0).decode(errors="replace").strip()
        os.close(cell.log)
        self._send({"op": "died", "id": number, "why": f"nsjail ended with {status}: {log}"[:4000]}, [])

    def _send(self, message: dict[str, Any], fds: list[int]) -> None:
        try:
            socket.send_fds(self._control, [encode(message)], fds)
        except OSError:
            pass  # the server is gone; the next poll sees it

    def _close(self) -> None:
        for cell in self._cells.values():
            cell.process.kill()
        for pidfd in [*self._by_pidfd]:
            self._bury(pidfd)
        remove_all(self._hierarchy, self._name)
        self._stage.close()


def _start(binary: str, config: int, log: int, channel: dict[int, int], cgroup: Cgroup) -> subprocess.Popen[bytes]:
    """nsjail with `channel` (descriptor in the cell: descriptor here), inside `cgroup`, dying with this process."""
    spare = 100 + max(channel.values())

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        cgroup.join()
        _exempt_from_oom()
        for number, fd in enumerate(channel.values()):
            os.dup2(fd, spare + number)
        for number, target in enumerate(channel):
            os.dup2(spare + number, target, inheritable=True)
        for fd in (config, log):
            os.set_inheritable(fd, True)

    # Safe: this process has no threads.
    return subprocess.Popen(
        [binary, "--config", f"/proc/self/fd/{config}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
        close_fds=False,
        preexec_fn=prepare,
    )


def _exempt_from_oom() -> None:
    """The init must outlive what it runs. Without privilege candidates are made likelier victims instead."""
    try:
        Path("/proc/self/oom_score_adj").write_text("-1000")
    except OSError:
        pass


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    try:
        data, ancillary, _, _ = control.recvmsg(_MESSAGE, socket.CMSG_SPACE(16 * 4))
    except ConnectionResetError:
        return b"", []
    fds = array.array("i")
    for _, _, payload in ancillary:
        fds.frombytes(payload)
    return data, list(fds)


def main() -> None:
    """Entry of the spawner's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        spawner = Spawner(control, Path(sys.argv[2]))
    except (OSError, SandboxError) as error:
        control.send(encode({"op": "unfit", "why": str(error)}))
        sys.exit(1)
    spawner.serve()


if __name__ == "__main__":
    main()

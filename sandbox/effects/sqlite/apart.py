"""A held transaction in a process of its own.

SQLite's locks are POSIX's: a process that opens and closes the file itself, as a server does that copies or hashes what
is in a workspace, loses all of them. In a process of its own the locks stay, its memory is bounded, a statement under
way ends with it, and so does the transaction when the server is gone.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import apsw

from sandbox.effects.adapter import QuotaError, StatementError, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.sqlite.held import Held
from sandbox.errors import SandboxError
from sandbox.model.effects import Effect

MEMORY = 2 << 30
_START = "import sys; sys.path[:] = sys.argv[1:]; from sandbox.effects.sqlite.apart import main; sys.exit(main())"
_OVER = "the transaction is over"


class BusyError(SandboxError):
    """Somebody else is writing to the database."""

    code = "busy"


_ERRORS: dict[str, type[SandboxError]] = {
    each.code: each for each in (BusyError, QuotaError, StatementError, UnsupportedError)
}


class HeldApart:
    """As `Held`, for one action. Raises UnsupportedError, BusyError, OSError. Safe from any thread."""

    number = ""

    def __init__(self, path: Path, name: str, blobs: Blobs, *, ttl: float) -> None:
        self._lock = threading.RLock()
        self._doubt = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            # By a path that the other process can use as well.
            place = str(path.parent.resolve() / path.name)
            self._ask("begin", path=place, name=name, ttl=ttl, store=str(blobs.folder), quota=blobs.quota)
        except BaseException:
            self._end()
            raise

    @property
    def open(self) -> bool:
        """Whether it can still be committed."""
        with self._lock:
            try:
                return self._process.poll() is None and bool(self._ask("open"))
            except StatementError:
                return False

    def answer(self, sql: str, most: int) -> bytes:
        """See `Held`."""
        return base64.b64decode(self._ask("answer", sql=sql, most=most))

    def effects(self, action: str, most: int | None = None) -> list[Effect]:
        """See `Held`; all of the transaction's."""
        return [Effect.from_json(each) for each in self._ask("effects", most=most)]

    def commit(self) -> None:
        """See `Held`. Where the other process is gone before it has answered, `fate` is not known."""
        with self._lock:
            self._doubt = True
            try:
                self._ask("commit")
            except StatementError:
                # An answer that it failed is one; the end of the process is none.
                self._doubt = self._process.poll() is not None
                raise
            self._doubt = False
            self._end()

    def rollback(self) -> None:
        """Drops everything; exact, whatever was done."""
        with self._lock:
            self._end()

    def stop(self) -> None:
        """The same while a statement runs in another thread."""
        self._process.kill()
        self.rollback()

    def fate(self) -> bool | None:
        """Whether it was committed, after a commit that failed and left nothing open. None: nobody knows."""
        return None if self._doubt else False

    def _ask(self, verb: str, **given: Any) -> Any:
        with self._lock:
            found = self._exchange(json.dumps({"verb": verb, **given}).encode() + b"\n")
            if not found:
                self._process.wait()
                raise StatementError(_OVER, why="its process ended: it was stopped, or needed too much memory")
            told = json.loads(found)
            if "error" in told:
                raise _ERRORS.get(told["error"], StatementError)(told["subject"], why=told["why"])
            return told["found"]

    def _exchange(self, request: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.stdin.closed:
            return b""
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except BrokenPipeError:
            return b""
        found = self._process.stdout.readline()
        return found if found.endswith(b"\n") else b""

    def _end(self) -> None:
        """A process that dies has rolled back: by the next one that opens the database, if need be."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def main() -> int:
    """The other process: requests from stdin, a line each, and an answer for each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    held = None
    while True:
        given = json.loads(requests.get())
        told: dict[str, Any]
        try:
            if held is None:
                held, found = _begun(given), True
            else:
                found = _done(held, given)
            told = {"found": found}
        except SandboxError as error:
            told = {"error": error.code, "subject": error.subject, "why": error.why}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _read(requests: queue.SimpleQueue[bytes]) -> None:
    """The end of the requests is the end of whoever wanted the transaction, also while a statement runs."""
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _begun(given: dict[str, Any]) -> Held:
    blobs = Blobs(Path(given["store"]), given["quota"])
    try:
        held = Held(Path(given["path"]), given["name"], blobs.put_bytes, ttl=given["ttl"])
    except apsw.BusyError as error:
        raise BusyError(str(error)) from error
    except apsw.Error as error:
        raise UnsupportedError(f"{given['name']}: {error}") from error
    held.begin("action")
    return held


def _done(held: Held, given: dict[str, Any]) -> Any:
    match given["verb"]:
        case "open":
            return held.open
        case "answer":
            return base64.b64encode(held.answer(given["sql"], given["most"])).decode()
        case "effects":
            return [effect.to_json() for effect in held.effects("action", given["most"])]
        case _:
            held.commit()
            return True

"""Dying, or being refused, at the nth step that changes anything: system calls, flushes, records of the journal."""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from sandbox.effects.adapter import Beside
from sandbox.effects.blobs import Blobs
from sandbox.effects.files import kernel
from sandbox.effects.files.finished import FinishedStages
from sandbox.effects.files.live import FilesLive

_CALLS = (
    *("chmod", "chown", "ftruncate", "link", "mkdir", "mknod", "open", "pwrite", "removexattr", "rename", "rmdir"),
    *("setxattr", "symlink", "unlink", "utime", "write"),
)
_DONE, _BUG = 7, 8


class Steps:
    """Counts steps; `at` the nth (from 1), `then` happens instead."""

    def __init__(self, at: int, then: Callable[[], object]) -> None:
        self.count, self._at, self._then = 0, at, then

    def step(self) -> None:
        self.count += 1
        if self.count == self._at:
            self._then()

    @contextmanager
    def interposed(self) -> Iterator[None]:
        calls = {name: self._wrapped(name, getattr(os, name)) for name in _CALLS}
        own = {name: self._wrapped(name, getattr(kernel, name)) for name in ("rename", "sync")}
        with (
            mock.patch.multiple(os, **calls),
            mock.patch.multiple(kernel, **own),
            mock.patch.object(Blobs, "barrier", self._wrapped("barrier", Blobs.barrier)),
        ):
            yield

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            reads = name == "open" and not args[1] & (os.O_CREAT | os.O_TMPFILE)
            if not reads:
                self.step()
            return real(*args, **named)

        return call


@dataclass(frozen=True)
class Ended:
    """How a child ended: `done`, or killed; what it noted durably."""

    done: bool
    notes: list[tuple[str, dict[str, Any]]]


def dies_at(
    step: int,
    root: Path,
    blobs: Path,
    work: Callable[[FilesLive, Callable[..., None]], object],
    *,
    finished: bool = True,
) -> Ended:
    """Lets a child do `work` and kills it at its nth step. `finished`: as of `World`."""
    journal = root.parent / "journal"
    journal.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = _BUG
        try:
            _child(step, root, blobs, work, journal, finished)
            code = _DONE
        except (Exception, KeyboardInterrupt):  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    notes = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return Ended(False, notes)
    assert os.WEXITSTATUS(status) == _DONE, "the child failed, see its traceback"
    return Ended(True, notes)


def _child(
    step: int,
    root: Path,
    blobs: Path,
    work: Callable[[FilesLive, Callable[..., None]], object],
    journal: Path,
    finished: bool,
) -> None:
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    steps = Steps(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    append = os.write

    def note(kind: str, body: Mapping[str, Any], *, durable: bool = False, beside: Beside = None) -> None:
        steps.step()
        append(file, json.dumps([kind, dict(body)]).encode() + b"\n")
        steps.step()
        # As the journal does: each file system once.
        for fd in {os.fstat(fd).st_dev: fd for fd in (beside() if beside else ())}.values():
            kernel.sync(fd)

    # A descriptor of its own: a lock would stay with the parent's.
    store = Blobs(blobs, 1 << 40)
    live = FilesLive(root, store, FinishedStages(root.parent / "finished") if finished else None)
    with steps.interposed():
        work(live, note)


__all__ = ["Ended", "Steps", "dies_at"]

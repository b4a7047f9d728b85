"""What an action did to a database file, found by comparing its branch's copy with the one it began with."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.effects.adapter import QuotaError, UnsupportedError
from sandbox.effects.blobs import Blobs
from sandbox.effects.rows import Row, RowChange, row_change, row_effect, unknown_effect
from sandbox.effects.values import shrink
from sandbox.model.effects import Class, Effect

_HEADER = b"SQLite format 3\0"
_START = "import sys; sys.path[:] = sys.argv[1:]; from sandbox.effects.sqlite.child import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one comparison may use: effects, seconds, bytes of memory, bytes of effects."""

    rows: int = 1_000_000
    seconds: float = 60
    memory: int = 2 << 30
    output: int = 1 << 30


@dataclass(frozen=True, slots=True)
class At:
    """A file beneath a folder that can be trusted; nothing on the way to it is."""

    root: Path
    path: str


def is_database(head: bytes) -> bool:
    """Whether a file that begins so is an SQLite database. An empty file is one as well, but has nothing to tell."""
    return head.startswith(_HEADER)


def diff(
    pre: At | None,
    post: At | None,
    name: str,
    blobs: Blobs,
    bounds: Bounds = Bounds(),
    scratch: Path | None = None,
) -> list[Effect]:
    """Effects that lead from the database `pre` to `post`; None, or a missing file: an empty one.

    `name`: the database's path beneath the workspace. `scratch`: where copies are made (default: the system's folder
    for what is temporary); on the databases' own file system they may share its blocks. Both files are only read, in a
    process of its own without rights; what it cannot read, or not in time, is one effect of class UNKNOWN: the file is
    then taken back as a file. Raises QuotaError, OSError (no process could be started), UnsupportedError (a name that
    is no text).
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UnsupportedError(f"{name!r}: the name of a database has to be UTF-8") from None
    with tempfile.TemporaryDirectory(prefix="sandbox-sqlite-", dir=scratch) as folder:
        request = {
            "folder": folder,
            "pre": None if pre is None else [str(pre.root), pre.path],
            "post": None if post is None else [str(post.root), post.path],
            "name": name,
            "rows": bounds.rows,
            "seconds": bounds.seconds,
            "memory": bounds.memory,
            "output": bounds.output,
        }
        # Files, not pipes: what they may hold is limited for the process that writes them.
        with (Path(folder) / "effects").open("x+b") as out, (Path(folder) / "error").open("x+b") as err:
            try:
                done = subprocess.run(
                    [sys.executable, "-I", "-c", _START, *filter(None, sys.path)],
                    input=json.dumps(request).encode(),
                    stdout=out,
                    stderr=err,
                    timeout=bounds.seconds + 10,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return [unknown_effect("sqlite", (name,), "file", "comparing took too long")]
            err.seek(0)
            text = err.read(10_000).decode("utf-8", "replace")
            if done.returncode == 3 and text.startswith("quota\n"):
                raise QuotaError(f"{name}: more than {bounds.rows:,} rows changed")
            if done.returncode != 0:
                why = f"cannot be read: {text.strip()[-200:] or f'ended with {done.returncode}'}"
                return [unknown_effect("sqlite", (name,), "file", why)]
            if out.seek(0, 2) > bounds.output:
                raise QuotaError(f"{name}: more than {bounds.output:,} bytes of rows changed")
            out.seek(0)
            return read_effects(out.read(), name, blobs, bounds.rows)


def read_effects(output: bytes, name: str, blobs: Blobs, rows: int) -> list[Effect]:
    """What the other process wrote: as hostile as the database. Whatever is odd becomes one UNKNOWN effect."""
    odd = [unknown_effect("sqlite", (name,), "file", "the comparison's answer makes no sense")]
    lines = output.split(b"\n")
    if lines[-2:] != [b"end", b""] or len(lines) > rows + 2 + 1_000:
        return odd
    try:
        return [_checked(Effect.from_json(json.loads(line)), name, blobs) for line in lines[:-2]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnsupportedError):
        return odd


def _checked(effect: Effect, name: str, blobs: Blobs) -> Effect:
    """Built anew from its parts, none of which can name anything but this database."""
    if effect.cls == Class.UNKNOWN:
        place = effect.resource.removeprefix(f"sqlite:{name}").removeprefix("#")
        return unknown_effect("sqlite", (name, place[:200]), effect.op[:20], str(effect.residue[0])[:200])
    change = row_change(effect)
    if change.place[0] != name or not all(isinstance(part, str) for part in change.place) or effect.cls > Class.RESIDUE:
        raise ValueError(change.place)

    def row(found: Row | None) -> Row | None:
        return None if found is None else {str(column): shrink(v, blobs.put_bytes) for column, v in found.items()}

    key = {str(column): shrink(value, blobs.put_bytes) for column, value in change.key.items()}
    rebuilt = RowChange(change.place, key, row(change.pre), row(change.post), bool(change.whole))
    return row_effect("sqlite", rebuilt, effect.cls, tuple(str(each)[:200] for each in effect.residue))

"""What the journal takes: for an append, for a durable one, and for verifying all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.stats import median, percentile
from sandbox.journal.journal import Entry, Journal
from sandbox.journal.verify import verify

_BODY = {
    "exit": 0,
    "effects": "a" * 64,
    "count": 12,
    "class": "REVERSIBLE",
    "pre_root": "b" * 64,
    "post_root": "c" * 64,
    "usage": {"cpu_ms": 12, "wall_ms": 15},
}
_TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
_BATCH = 1000


def undo_journal(
    folder: Path | None = None,
    appends: int = 20_000,
    durable: int = 1000,
    sizes: tuple[int, ...] = (100_000, 1_000_000),
) -> dict[str, float]:
    """Microseconds for one append (median, p95, mean), for a durable one, for a record when many are appended at once,
    seconds to verify journals of `sizes` records, and bytes on disk for a record. `folder`: on the disk that counts.
    """
    found: dict[str, float] = {}
    with TemporaryDirectory(dir=folder, prefix="journal-bench-") as top:
        with Journal(Path(top) / "appends") as journal:
            found |= _named("append us", [_once(journal, n, durable=False) for n in range(appends)])
            found |= _named("durable append us", [_once(journal, n, durable=True) for n in range(durable)])
        for size in sizes:
            with Journal(Path(top) / str(size)) as journal:
                took = _seconds(lambda journal=journal, size=size: _fill(journal, size))  # type: ignore[misc]
                note = journal.checkpoint()
            found[f"append_many us, {size:,}"] = took / size * 1e6
            path = Path(top) / str(size)
            found[f"bytes for a record, {size:,}"] = sum(each.stat().st_size for each in path.glob("*.sqlite")) / size
            found[f"verify s, {size:,}"] = _seconds(lambda path=path, note=note: _check(path, note))  # type: ignore[misc]
    return found


def _once(journal: Journal, n: int, *, durable: bool) -> float:
    action = f"{n // 10:032x}"
    began = time.perf_counter_ns()
    journal.append("executed", _BODY, action=action, session="s", principal="me", traceparent=_TRACE, durable=durable)
    return (time.perf_counter_ns() - began) / 1000


def _named(name: str, values: list[float]) -> dict[str, float]:
    mean = sum(values) / len(values)
    return {name: median(values), f"{name}, p95": percentile(values, 0.95), f"{name}, mean": mean}


def _fill(journal: Journal, size: int) -> None:
    for start in range(0, size, _BATCH):
        numbers = range(start, min(start + _BATCH, size))
        journal.append_many([Entry("executed", _BODY, f"{n // 10:032x}", "s", "me", _TRACE) for n in numbers])


def _check(path: Path, note: str) -> None:
    report = verify(path, checkpoint=note)
    if not report.ok:
        raise RuntimeError(f"the journal does not verify: {report.findings[0].what}")


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    for name, value in undo_journal().items():
        print(f"{name:40} {value:12.1f}")

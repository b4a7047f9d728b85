"""The journal for other people's tools: CloudEvents and OTLP, to a file or to stdout."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sandbox.cli import render
from sandbox.cli.exits import ExtraError, ReaderGone, UsageError

if TYPE_CHECKING:
    from sandbox.journal.journal import Journal


def export(cloud_events: str | None, otlp: str | None, session: str) -> None:
    """Writes every record, of one workspace or of all. "-": stdout. Raises ExtraError, UsageError."""
    with _journal() as journal:
        if cloud_events is not None:
            count = _cloud_events(journal, cloud_events, session)
            render.note(f"{count:,} records as CloudEvents")
        if otlp is not None:
            count = _otlp(journal, otlp, session)
            render.note(f"{count:,} actions as OTLP")


def _cloud_events(journal: Journal, path: str, session: str) -> int:
    with _extra("cloudevents"):
        from sandbox.journal.events import write_cloud_events
    with _opened(path) as file:
        return write_cloud_events(journal.records(session=session or None), journal.origin, file)


def _otlp(journal: Journal, path: str, session: str) -> int:
    with _extra("opentelemetry"):
        from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter

        from sandbox.journal.spans import export_spans
    names: list[str] = []
    before: str | None = None
    while found := journal.actions(1000, session=session or None, before=before):
        names += found
        before = found[-1]
    actions = ([*journal.records(action=name)] for name in reversed(names))
    with _opened(path) as file:
        # Named by its descriptor: what was opened is what is written, and stdout has no other name.
        exporter = FileSpanExporter(Path(f"/proc/self/fd/{file.fileno()}"))
        try:
            return export_spans(actions, journal.origin, exporter)
        finally:
            exporter.shutdown()


@contextlib.contextmanager
def _journal() -> Iterator[Journal]:
    from sandbox.journal.journal import Journal
    from sandbox.settings import Settings
    from sandbox.undo.home import Home

    settings = Settings()
    home = Home(settings.state, settings.store_bytes)
    try:
        with Journal(home.journal, dsn=settings.journal_dsn) as journal:
            yield journal
    finally:
        home.close()


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    try:
        with Path("/dev/stdout" if path == "-" else path).open("wb") as file:
            yield file
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        raise UsageError(f"cannot write {path}", why=error.strerror or "") from error


@contextlib.contextmanager
def _extra(package: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        raise ExtraError(
            f"{package} is not installed",
            why="the journal is exported by libraries of an extra",
            fix="pip install 'reward-sandbox[undo]'",
        ) from error

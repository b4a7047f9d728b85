"""Where the verbs that judge many programs have them judged: in this process, or on a running server."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.cli.exits import UsageError
from sandbox.cli.verb import settings_given

if TYPE_CHECKING:
    from sandbox.cli.flow import Scorer


def open_scorer(server: str | None, cells: int | None, home: Path | None) -> AbstractAsyncContextManager[Scorer]:
    """A scorer as the options ask for it; nothing is started before it is entered. Raises UsageError."""
    if server is not None:
        if cells or home:
            raise UsageError("--cells and --home are the server's own", fix="give them to `sandbox serve`")
        from sandbox.cli.remote import remote

        return remote(server)
    from sandbox.cli.embedded import embedded
    from sandbox.settings import Settings

    return embedded(Settings(**settings_given(cells=cells, home=home)))

"""The live resources of a workspace, opened for one transition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.catalog import Catalog
from sandbox.effects.adapter import Live
from sandbox.effects.files.live import FilesLive
from sandbox.effects.http.live import HttpLive
from sandbox.effects.sqlite.live import SqliteLive
from sandbox.model.effects import Effect
from sandbox.undo.calls import Calls
from sandbox.undo.clones import Clones
from sandbox.undo.home import Home
from sandbox.undo.lead import Leader
from sandbox.undo.roots import Roots
from sandbox.undo.states import States
from sandbox.undo.ways_out import WaysOut


class Leaders:
    """Opens them below the roots, and nowhere else; what else an action could reach is told by its policy."""

    def __init__(
        self,
        home: Home,
        roots: Roots,
        catalog: Catalog,
        states: States,
        calls: Calls,
        clones: Clones,
        ways_out: WaysOut,
    ) -> None:
        self._home = home
        self._roots = roots
        self._catalog = catalog
        self._states = states
        self._calls = calls
        self._clones = clones
        self._ways_out = ways_out

    @contextmanager
    def open(self, workspace: str, policy: str, effects: Sequence[Effect]) -> Iterator[Leader]:
        """The resources of the workspace of that name, and what else these effects of an action under `policy` are on.

        Raises JobError where the workspace is gone or under no root, or a policy that is needed is gone.
        """
        with self._opened(workspace) as (folder, files):
            lives: list[Live] = [files, SqliteLive(folder, self._home.blobs)]
            yield Leader([*lives, *self._outside(workspace, policy, effects)])

    @contextmanager
    def files(self, workspace: str) -> Iterator[FilesLive]:
        """The files of the workspace of that name alone. Raises JobError where it is gone or under no root."""
        with self._opened(workspace) as (_, files):
            yield files

    @contextmanager
    def _opened(self, workspace: str) -> Iterator[tuple[Path, FilesLive]]:
        with self._roots.open(workspace) as opened:
            # By its descriptor: what has this path now may be another folder in a moment.
            folder = Path(f"/proc/self/fd/{opened.fd}")
            files = FilesLive(folder, self._home.blobs, self._home.finished)
            try:
                yield folder, files
            finally:
                files.close()

    def _outside(self, workspace: str, policy: str, effects: Sequence[Effect]) -> Iterator[Live]:
        backends = {effect.backend for effect in effects}
        if backends.isdisjoint({"http", "postgres"}):
            return
        rules = self._catalog.policy(policy).table.actions
        if rules.egress and "http" in backends:
            left = rules.irreversible - self._states.irreversible(workspace)
            yield HttpLive(
                self._ways_out.rules(rules.egress),
                self._home.blobs,
                replays=self._calls,
                irreversible=max(0, left),
                leave_sent=True,
            )
        for name in {database_of(effect) for effect in effects if effect.backend == "postgres"} & {*rules.postgres}:
            from sandbox.effects.postgres.live import PostgresLive

            yield PostgresLive(self._clones.conninfo(name), name, self._home.blobs)


def database_of(effect: Effect) -> str:
    """The name of the database that a row's effect belongs to."""
    return effect.resource.partition(":")[2].partition("#")[0]

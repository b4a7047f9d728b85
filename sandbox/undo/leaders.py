"""The live resources of a workspace, opened for one transition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.catalog import Catalog
from sandbox.effects.adapter import Live
from sandbox.effects.files.live import FilesLive
from sandbox.effects.http.live import HttpLive
from sandbox.effects.sqlite.live import SqliteLive
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
    def open(self, workspace: str, policy: str = "") -> Iterator[Leader]:
        """The resources of the workspace of that name, for actions under `policy`.

        Raises JobError where the workspace is gone or under no root, or the policy is gone.
        """
        with self._roots.open(workspace) as opened:
            # By its descriptor: what has this path now may be another folder in a moment.
            folder = Path(f"/proc/self/fd/{opened.fd}")
            files = FilesLive(folder, self._home.blobs)
            try:
                lives: list[Live] = [files, SqliteLive(folder, self._home.blobs)]
                yield Leader([*lives, *self._outside(workspace, policy)])
            finally:
                files.close()

    def _outside(self, workspace: str, policy: str) -> Iterator[Live]:
        if not policy:
            return
        rules = self._catalog.policy(policy).table.actions
        if rules.egress:
            left = rules.irreversible - self._states.irreversible(workspace)
            yield HttpLive(
                self._ways_out.rules(rules.egress),
                self._home.blobs,
                replays=self._calls,
                irreversible=max(0, left),
                leave_sent=True,
            )
        for name in rules.postgres:
            from sandbox.effects.postgres.live import PostgresLive

            yield PostgresLive(self._clones.conninfo(name), name, self._home.blobs)

"""What leads out of an action's jail: the proxy of its egress rules, a clone of a PostgreSQL database, or nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.catalog import Catalog
from sandbox.effects.adapter import Note
from sandbox.effects.http.authority import Authority
from sandbox.effects.http.doubts import settle
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.proxy import Egress, environment
from sandbox.effects.http.rules import Rules, load_rules
from sandbox.errors import ConfigError, JobError
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Effect, Json
from sandbox.model.plan import EGRESS_PORT, WORK, File
from sandbox.undo.asked import Asked
from sandbox.undo.calls import Calls
from sandbox.undo.clones import Clones
from sandbox.undo.home import Home

_CERTIFICATES = ".egress.pem"


class WayOut:
    """Nothing leads out. Used for one action: `stop` after everything in the jail is dead."""

    environment: Mapping[str, str] = {}
    files: tuple[File, ...] = ()
    opens = False

    def on_listener(self, listener: socket.socket) -> None:
        """Takes the socket that listens inside the jail."""
        listener.close()

    async def stop(self) -> list[Effect]:
        """What was done through it."""
        return []


class HttpOut(WayOut):
    """The forward proxy. An authority of its own: nothing that a jail trusted is worth anything to another."""

    opens = True

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._authority = Authority()
        self._egress: Egress | None = None
        self.environment = environment(f"{WORK}/{_CERTIFICATES}", EGRESS_PORT)
        self.files = (File(_CERTIFICATES, self._authority.pem),)

    def on_listener(self, listener: socket.socket) -> None:
        """Serves it."""
        self._egress = Egress.start(listener, self._episode, self._authority)

    async def stop(self) -> list[Effect]:
        """Calls that changed something, in the order of their answers."""
        if self._egress is None:
            return []
        return await asyncio.to_thread(self._egress.stop)


class WaysOut:
    """Opens them, as policies grant them."""

    def __init__(self, home: Home, calls: Calls, clones: Clones, catalog: Catalog, policies: Path | None) -> None:
        self._catalog = catalog
        self._home, self._calls, self._clones = home, calls, clones
        self._policies = policies
        self._rules: dict[str, Rules] = {}

    def rules(self, name: str) -> Rules:
        """Egress rules by name. Raises JobError for a file that does not hold."""
        if name not in self._rules:
            try:
                self._rules[name] = load_rules(name, self._policies and self._policies / "egress")
            except (ConfigError, FileNotFoundError) as error:
                why = f"its egress rules {name!r} do not hold: {error}"
                raise JobError("policy", why, "mend the file", reject="FAILED_PRECONDITION") from error
        return self._rules[name]

    def settle(self, state: ActionState, intents: Iterable[Mapping[str, Json]], note: Note) -> list[Effect]:
        """What became of calls that were begun, and whose answers nobody saw. Blocking."""
        actions = self._catalog.policy(state.planned.get("policy", "")).table.actions
        episode = Episode.open(self.rules(actions.egress), self._home.blobs, note, state.action, replays=self._calls)
        try:
            return [effect for intent in intents if (effect := settle(episode, intent)) is not None]
        finally:
            episode.upstream.close()

    async def open(self, action: str, asked: Asked, note: Note) -> WayOut:
        """What leads out of this action's jail. Raises JobError, JailFault."""
        rules = asked.policy.table.actions
        if asked.postgres:
            if rules.egress:
                raise JobError("databases", "a policy with egress rules has no room for a database", "use two actions")
            return await self._clones.open(asked.postgres, self._home.blobs, rules.rows)
        if not rules.egress:
            return WayOut()
        # What is scored is thrown away: nothing of it may be seen on a server.
        dry = asked.mode in ("dry_run", "scored")
        return HttpOut(
            Episode.open(self.rules(rules.egress), self._home.blobs, note, action, replays=self._calls, dry_run=dry)
        )

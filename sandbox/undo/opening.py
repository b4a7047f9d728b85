"""Puts the action runtime together, on the running event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.catalog import Catalog
from sandbox.errors import SandboxError
from sandbox.jail.pool import Pool
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.journal.journal import Journal
from sandbox.planner import Planner
from sandbox.policies import load_policies
from sandbox.settings import Settings
from sandbox.undo.action_runtime import ActionRuntime, Parts
from sandbox.undo.branches import BranchBook
from sandbox.undo.calls import Calls
from sandbox.undo.clones import Clones
from sandbox.undo.executor import Executor
from sandbox.undo.holding import Holding
from sandbox.undo.home import Home
from sandbox.undo.leaders import Leaders
from sandbox.undo.recovery import Recovery
from sandbox.undo.retention import Retention
from sandbox.undo.roots import Roots
from sandbox.undo.statements import Statements
from sandbox.undo.states import States
from sandbox.undo.transitions import Transitions
from sandbox.undo.ways_out import WaysOut

_SWEEP_S = 600
_TIDY_S = 0.5
_log = logging.getLogger("sandbox")


async def _sweep(runtime: ActionRuntime) -> None:
    """Drops held actions whose time is over, and what nobody can need any more, now and then."""
    while True:
        await asyncio.sleep(_SWEEP_S)
        try:
            await runtime.recover()
            await runtime.collect_garbage()
        except (SandboxError, OSError) as error:
            _log.warning("what is past its time could not be dropped: %s", error)


async def _tidy(home: Home) -> None:
    """Removes what transitions replaced, behind a flush, once nothing is under way."""
    while True:
        await asyncio.sleep(_TIDY_S)
        if home.finished.is_due():
            try:
                await asyncio.to_thread(home.finished.remove)
            except (SandboxError, OSError) as error:
                _log.warning("what was replaced could not be removed: %s", error)


@asynccontextmanager
async def open_actions(
    settings: Settings, spawner: SpawnerClient | None, catalog: Catalog | None = None
) -> AsyncIterator[ActionRuntime]:
    """The runtime over `settings.state`, for the workspaces under `settings.workspace_roots`.

    `spawner`: attached to the loop; None where nothing will be run. What was cut short before is recovered first.
    """
    home = Home(settings.state, settings.store_bytes)
    roots = Roots(settings.workspace_roots, mounts=settings.workspace_mounts, private=settings.state)
    journal = Journal(home.journal, dsn=settings.journal_dsn)
    branches, holding = BranchBook(), Holding()
    clones = Clones(dict(settings.databases), dict(settings.statement_roles))
    pool = Pool(spawner, settings.cells, settings.cells) if spawner is not None else None
    try:
        catalog = catalog or Catalog(policies=load_policies(settings.policies))
        states = States(journal, home.blobs)
        calls = Calls(journal, states)
        ways_out = WaysOut(home, calls, clones, catalog, settings.policies)
        leaders = Leaders(home, roots, catalog, states, calls, clones, ways_out)
        transitions = Transitions(home, journal, states, leaders, clones, holding, settings.principal)
        runtime = ActionRuntime(
            Parts(
                home=home,
                journal=journal,
                roots=roots,
                catalog=catalog,
                planner=Planner(),
                executor=Executor(home, journal, pool, ways_out),
                statements=Statements(home, journal, holding, clones),
                holding=holding,
                branches=branches,
                leaders=leaders,
                states=states,
                transitions=transitions,
                recovery=Recovery(home, journal, states, transitions, ways_out, leaders, settings.principal),
                retention=Retention(home, journal, transitions, settings.keep_s),
            )
        )
        await runtime.recover()
        sweeping = [asyncio.create_task(_sweep(runtime)), asyncio.create_task(_tidy(home))] if pool is not None else []
        try:
            yield runtime
        finally:
            for each in sweeping:
                each.cancel()
            await runtime.finish()
            for action in holding.actions():
                await asyncio.to_thread(transitions.drop, action, "lost")
    finally:
        if pool is not None:
            pool.close()
        branches.close()
        await asyncio.to_thread(holding.close)
        await asyncio.to_thread(clones.close)
        journal.close()
        roots.close()
        home.close()

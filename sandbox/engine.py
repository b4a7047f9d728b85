"""Puts the parts together: what a server and an embedded scorer both hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from sandbox.build.builder import Builder
from sandbox.build.cache import BuildCache
from sandbox.catalog import Catalog
from sandbox.errors import SetupError
from sandbox.jail.pool import Pool
from sandbox.jail.spawner_client import SpawnerClient
from sandbox.model.outcome import FaultError
from sandbox.pipeline import Pipeline
from sandbox.planner import Planner
from sandbox.policies import load_policies
from sandbox.run import Runner
from sandbox.runtimes import Missing
from sandbox.selftest import Proofs
from sandbox.settings import Settings
from sandbox.suites import SuiteStore
from sandbox.undo import open_actions
from sandbox.undo.action_runtime import ActionRuntime

_log = logging.getLogger("sandbox")


def start_spawner() -> SpawnerClient:
    """Starts the process that will start cells. To be called before gRPC is used in this process."""
    spawner = SpawnerClient()
    spawner.start()
    return spawner


@asynccontextmanager
async def engine(
    settings: Settings, spawner: SpawnerClient, catalog: Catalog | None = None, *, prove: bool | Collection[str] = True
) -> AsyncIterator[Pipeline]:
    """A pipeline with cells behind it, on the running event loop. Ends every cell when it is left.

    `prove` starts cells ahead and lets every runtime, or those that it names, pass its self-test first. Raises
    SetupError when none does.
    """
    spawner.attach(asyncio.get_running_loop())
    catalog = catalog or Catalog(policies=load_policies(settings.policies))
    if settings.languages:
        catalog.narrow(settings.languages)
    planner = Planner()
    spare = 2 * settings.cells + 2
    pool = Pool(spawner, settings.cells, spare)
    testers = Pool(spawner, settings.cells, spare)
    builders = Pool(spawner, settings.cells, spare)
    cache = BuildCache(settings.home / "builds", settings.build_cache_bytes)
    builder = Builder(builders, planner, cache, settings.home)
    runner, suites = Runner(pool, testers, planner, builder), SuiteStore(settings.suite_store_bytes)
    try:
        async with _actions(settings, spawner, catalog) as actions:
            pipeline = Pipeline(catalog, planner, builder, runner, suites, actions)
            if prove:
                await _warm(settings, pool, planner, catalog)
                await _prove(pipeline, catalog, None if prove is True else prove)
            yield pipeline
    finally:
        await builder.close()
        for each in (pool, testers, builders):
            each.close()
        spawner.close()


@asynccontextmanager
async def _actions(settings: Settings, spawner: SpawnerClient, catalog: Catalog) -> AsyncIterator[ActionRuntime | None]:
    """What acts on workspaces and keeps the journal, where something asks for either."""
    audited = any(policy.table.actions.audit == "all" for policy in catalog.policies.values())
    if not settings.workspace_roots and not audited:
        yield None
        return
    async with open_actions(settings, spawner, catalog) as actions:
        yield actions


async def _warm(settings: Settings, pool: Pool, planner: Planner, catalog: Catalog) -> None:
    for name in [name for name in settings.warm if name in catalog.offered()]:
        runtime = catalog.runtime(name)
        try:
            await pool.warm(planner.run(runtime, catalog.policy(""), runtime.table.main), settings.cells)
        except FaultError as fault:
            _log.warning("no cell for %s: %s", name, fault)


async def _prove(pipeline: Pipeline, catalog: Catalog, names: Collection[str] | None) -> None:
    """Proves several at a time: the pools let no more run than there are cells."""
    proofs = Proofs(pipeline)
    await asyncio.gather(*(proofs.prove(name) for name in catalog.offered() if names is None or name in names))
    if not catalog.offered():
        raise SetupError("no runtime passes its self-test", why=_reasons(catalog), fix="sandbox doctor")


def _reasons(catalog: Catalog) -> str:
    return "; ".join(f"{name}: {found.why}" for name, found in catalog.runtimes.items() if isinstance(found, Missing))

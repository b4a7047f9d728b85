"""A scorer in this process: the server's own pipeline and its own answers, without a socket between.

The spawner starts before anything of gRPC is used in this process; here nothing of it ever is, beyond its import.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.catalog import Catalog
from sandbox.cli.flow import fault, room_for
from sandbox.doctor import preflight
from sandbox.engine import engine, start_spawner
from sandbox.errors import SandboxError
from sandbox.pipeline import Pipeline
from sandbox.policies import load_policies
from sandbox.selftest import Proofs
from sandbox.server.service import RewardService
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, verdict_pb2

# Proven before anything is scored.
_FIRST = ("python", "c", "cpp")
_log = logging.getLogger("sandbox")


class Embedded:
    """Judges in this process."""

    def __init__(self, pipeline: Pipeline, settings: Settings) -> None:
        self._proofs = Proofs(pipeline)
        self.room = room_for(settings.cells)
        self.lost: SandboxError | None = None
        self._service = RewardService(pipeline, settings)

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        """The answer that a stream of a server would carry."""
        try:
            if request.program.language not in _FIRST:
                await self._proofs.prove(request.program.language)
            return await self._service.answer(request)
        except Exception as error:  # noqa: BLE001 - one job that meets a bug of ours must not end the others' run
            _log.exception("job %s failed", request.id)
            return fault(request.id, f"{type(error).__name__}: {error}")


@asynccontextmanager
async def embedded(settings: Settings) -> AsyncIterator[Embedded]:
    """A scorer with every runtime that proves itself, most of them when first asked for.

    Raises SetupError where none does.
    """
    preflight()
    catalog = Catalog(policies=load_policies(settings.policies))
    async with engine(settings, start_spawner(), catalog, prove=_FIRST) as pipeline:
        yield Embedded(pipeline, settings)


@asynccontextmanager
async def proven(settings: Settings) -> AsyncIterator[Pipeline]:
    """A pipeline with every runtime that proves itself, at once. Raises SetupError where none does."""
    preflight()
    catalog = Catalog(policies=load_policies(settings.policies))
    async with engine(settings, start_spawner(), catalog) as pipeline:
        yield pipeline


@asynccontextmanager
async def untested(settings: Settings, catalog: Catalog) -> AsyncIterator[Pipeline]:
    """A pipeline that offers every runtime that is there, without self-tests: what it is used for will tell."""
    async with engine(settings, start_spawner(), catalog, prove=False) as pipeline:
        yield pipeline

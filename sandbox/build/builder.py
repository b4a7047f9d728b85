"""Builds programs of compiled languages, each once, in a jail of its own."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.build.cache import BuildCache, Built, build_key
from sandbox.build.packing import FOLDER, packing
from sandbox.commands import fill
from sandbox.flights import Flights
from sandbox.jail.pool import Pool
from sandbox.model.outcome import BuildFault, End, Ended, JailFault
from sandbox.model.plan import File, TestPlan
from sandbox.plan import OUTPUT
from sandbox.planner import Planner
from sandbox.policies import Policy
from sandbox.runtimes import Runtime

MESSAGES = 16384
_TRIES = 3


class Builder:
    """Compiles; remembers what it compiled; joins those who ask for the same program at the same time."""

    def __init__(self, pool: Pool, planner: Planner, cache: BuildCache, folder: Path) -> None:
        self._pool = pool
        self._planner = planner
        self._cache = cache
        self._folder = folder
        self._headers: dict[tuple[str, str], asyncio.Task[str]] = {}
        self._flights: Flights[Built] = Flights()

    async def build(self, runtime: Runtime, policy: Policy, files: Sequence[File], main: str) -> Built:
        """The program, from the cache or from a jail. Raises BuildFault."""
        table = runtime.table.build
        assert table is not None
        headers = await self._precompiled(runtime, policy, files)
        key = build_key([*table.command, str(table.packed), main], runtime.version, headers + policy.hash, files)
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        built, _ = await self._flights.join(key, lambda: self._compile(runtime, policy, files, main, headers, key))
        return built

    async def close(self) -> None:
        """Gives up what is still made ahead."""
        for task in self._headers.values():
            task.cancel()
        await asyncio.gather(*self._headers.values(), return_exceptions=True)

    async def _compile(
        self, runtime: Runtime, policy: Policy, files: Sequence[File], main: str, headers: str, key: str
    ) -> Built:
        assert runtime.table.build is not None
        build, limits = runtime.table.build, policy.build_limits
        if build.packed:
            argv = packing(fill(build.command, main, limits, files, FOLDER), FOLDER, OUTPUT)
        else:
            argv = fill(build.command, main, limits, files, OUTPUT)
        ended = await self._run(runtime, policy, files, argv, headers)
        built = _judge(ended)
        if built.ok:
            self._cache.put(key, built)
        return built

    async def _run(
        self, runtime: Runtime, policy: Policy, files: Sequence[File], argv: tuple[str, ...], headers: str
    ) -> Ended:
        plan = self._planner.build(runtime, policy, headers)
        test = TestPlan("exec", runtime.table.extra.added(policy.build_limits), argv=argv)
        for attempt in range(_TRIES):
            try:
                async with self._pool.cell(plan) as cell:
                    cell.open_program(files, policy.build_limits.disk_bytes)
                    return await cell.submit(test, collect=[OUTPUT])
            except JailFault as fault:
                if attempt == _TRIES - 1:
                    raise BuildFault(str(fault)) from fault
        raise AssertionError("unreachable")

    async def _precompiled(self, runtime: Runtime, policy: Policy, files: Sequence[File]) -> str:
        """The host folder with the runtime's precompiled header, made on first use; empty where nobody asks for it."""
        table = runtime.table.build
        if table is None or not table.header or not any(table.header.encode() in file.data for file in files):
            return ""
        key = (runtime.name, policy.name)
        task = self._headers.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._headers[key] = asyncio.create_task(self._precompile(runtime, policy))
        return await asyncio.shield(task)

    async def _precompile(self, runtime: Runtime, policy: Policy) -> str:
        table = runtime.table.build
        assert table is not None
        command = [part for part in table.command if not part.startswith("-I")]
        source = File("header.hpp", f"#include <{table.header}>\n".encode())
        digest = hashlib.sha256(repr((command, runtime.version, table.header)).encode()).hexdigest()[:16]
        target = self._folder / f"headers-{digest}" / f"{table.header}.gch"
        if not target.exists():
            argv = fill(command, "header.hpp", policy.build_limits, [source], OUTPUT)
            ended = await self._run(runtime, policy, [source], argv, "")
            built = _judge(ended)
            if not built.ok:
                raise BuildFault(f"{table.header} cannot be compiled ahead: {built.messages[:500]}")
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".draft")
            draft.write_bytes(built.program)
            draft.replace(target)
        return str(self._folder / f"headers-{digest}")


def _judge(ended: Ended) -> Built:
    """A build that failed, or reached a limit, is the program's doing. Raises BuildFault if the machine starved it."""
    messages = (ended.stdout + ended.stderr)[:MESSAGES].decode(errors="replace")
    output = ended.collected[0] if ended.collected else None
    program = output if isinstance(output, bytes) else b""
    why = ""
    if ended.oom:
        why = "the compiler ran out of memory"
    elif ended.end is End.WALL and ended.runnable_ms >= ended.wall_ms / 2:
        raise BuildFault("the build was starved of CPU")
    elif ended.end is not End.EXIT:
        why = f"the compiler reached its {ended.end.value} limit"
    elif ended.signal:
        why = f"the compiler was ended by signal {ended.signal}"
    elif ended.exit_code != 0:
        why = messages or f"the compiler ended with {ended.exit_code}"
    elif not program:
        why = "the compiler made no program of a size that is allowed"
    built = Built(program, messages, ended.wall_ms, ended.cpu_ms)
    if not why:
        return built
    return replace(built, program=b"", messages=f"{why}\n{messages}" if why != messages else messages)

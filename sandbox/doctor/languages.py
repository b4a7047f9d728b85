"""One check for each runtime: its self-test, with the time that it took."""

from __future__ import annotations

import time

from sandbox.doctor.result import Result, fail, ok, skip
from sandbox.pipeline import Pipeline
from sandbox.runtimes import Missing
from sandbox.selftest import failure


async def language(pipeline: Pipeline, name: str) -> Result:
    """The runtime is installed, and builds and runs its own program rightly."""
    found = pipeline.catalog.runtimes[name]
    effect = f"jobs for {name!r} are refused"
    if isinstance(found, Missing):
        # Most machines have few languages: what nobody asked for is no failure of theirs.
        lacking = skip(found.why, effect, f"sandbox runtimes install {name}")
        return lacking if found.table.installed is not None else fail(found.why, effect, found.fix)
    begun = time.monotonic()
    why = await failure(pipeline, name)
    if why:
        return fail(f"{found.version}, {why}", effect, "report it with: sandbox doctor --json")
    return ok(f"{found.version}, self-test {(time.monotonic() - begun) * 1000:.0f} ms")

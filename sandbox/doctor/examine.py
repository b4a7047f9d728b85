"""Runs the checks in order, and sums up what works."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial

from sandbox.catalog import Catalog
from sandbox.doctor import jails, machine, workspaces
from sandbox.doctor.languages import language
from sandbox.doctor.result import Result, Status, skip
from sandbox.engine import engine, start_spawner
from sandbox.errors import SandboxError
from sandbox.model.outcome import FaultError
from sandbox.pipeline import Pipeline
from sandbox.settings import Settings

# Without these no jail starts, so what needs one is skipped.
_NEEDED = frozenset({"kernel", "privilege", "nsjail"})
_JAILS = {
    check.__name__: check
    for check in (
        jails.cell,
        jails.time,
        jails.memory,
        jails.processes,
        jails.network,
        jails.files,
        jails.evidence,
    )
}


@dataclass
class Report:
    """All results, and what they mean together."""

    results: list[Result] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self._named(Status.FAIL)

    @property
    def works(self) -> list[str]:
        """Runtimes that can be used: those that passed, where the jails hold."""
        bad = {result.name for result in self.results if result.status in (Status.FAIL, Status.SKIP)}
        if bad - {*self.languages, *workspaces.CHECKS}:
            return []
        passed = {result.name for result in self.results if result.status is Status.OK}
        return [name for name in self.languages if name in passed]

    def summary(self) -> str:
        """The last line: what failed, and what still works."""
        counts = [(len(self._named(Status.FAIL)), "failed"), (len(self._named(Status.WARN)), "with a warning")]
        parts = [f"{count} {word}" for count, word in counts if count]
        tried = len(self.results) - len(self._named(Status.SKIP))
        parts = parts or [f"all {tried} checks passed"]
        broken = [name for name in self.languages if name not in self.works]
        if not self.works:
            works = "nothing can be scored here"
        else:
            works = f"{_listed(self.works)} can run"
            works += f"; {_listed(broken)} cannot" if broken else ""
        return f"{', '.join(parts)}: {works}."

    def _named(self, status: Status) -> list[str]:
        return [result.name for result in self.results if result.status is status]


async def examine(settings: Settings, report: Report) -> AsyncIterator[Result]:
    """Every check's result as it comes; `report` collects them.

    Checks of the machine come first and without threads, since one of them forks.
    """
    for name, check in _machine(settings).items():
        report.results.append(_timed(name, time.monotonic(), check()))
        yield report.results[-1]
    async with aclosing(_in_jails(settings, report)) as results:
        async for result in results:
            report.results.append(result)
            yield result
    # Last: what a branch was is removed by a thread.
    for name, of_workspaces in workspaces.CHECKS.items():
        broken = _broken(report) if name == "branches" else []
        begun = time.monotonic()
        result = skip(f"needs {_listed(broken)}") if broken else of_workspaces(settings.state)
        report.results.append(_timed(name, begun, result))
        yield report.results[-1]


def _machine(settings: Settings) -> dict[str, Callable[[], Result]]:
    checks: dict[str, Callable[[], Result]] = {
        check.__name__: check
        for check in (machine.kernel, machine.privilege, machine.cgroup, machine.nsjail, machine.swap)
    }
    checks["home"] = partial(machine.home, settings.home)
    return checks


async def _in_jails(settings: Settings, report: Report) -> AsyncGenerator[Result, None]:
    catalog = Catalog()
    report.languages = sorted(catalog.runtimes)
    broken = _broken(report)
    if broken:
        for name in (*_JAILS, *report.languages):
            yield replace(skip(f"needs {_listed(broken)}"), name=name)
        return
    # Nothing is proven ahead: each runtime has a line of its own here.
    async with engine(settings, start_spawner(), catalog, prove=False) as pipeline:
        checks: dict[str, Callable[[Pipeline], Awaitable[Result]]] = dict(_JAILS)
        checks |= {name: partial(_language, name=name) for name in report.languages}
        for name, check in checks.items():
            begun = time.monotonic()
            try:
                result = await check(pipeline)
            except (SandboxError, FaultError) as error:
                result = Result(Status.FAIL, str(error), "nothing can be run or scored", getattr(error, "fix", ""))
            yield _timed(name, begun, result)


def _broken(report: Report) -> list[str]:
    return [result.name for result in report.results if result.status is Status.FAIL and result.name in _NEEDED]


async def _language(pipeline: Pipeline, name: str) -> Result:
    return await language(pipeline, name)


def _timed(name: str, begun: float, result: Result) -> Result:
    return replace(result, name=name, ms=(time.monotonic() - begun) * 1000)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

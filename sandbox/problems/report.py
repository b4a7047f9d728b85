"""What a run over problem sets found, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sandbox.problems.scoring import Tally


def report(tallies: Sequence[Tally]) -> RenderableType:
    """A column for each set, and below it every name that somebody will want to look at."""
    table = Table(title="problem sets", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for tally in tallies:
        table.add_column(tally.name, justify="right")
    for label, cells in _rows(tallies):
        table.add_row(label, *cells)
    return Group(table, *(text for tally in tallies for text in _names(tally)))


def _rows(tallies: Sequence[Tally]) -> Iterator[tuple[str, list[str]]]:
    def row(label: str, values: Sequence[object]) -> tuple[str, list[str]]:
        return label, [str(value) for value in values]

    yield row("problems", [tally.problems for tally in tallies])
    yield row("accepted", [tally.accepted for tally in tallies])
    yield row("faults", [len(tally.faults) for tally in tallies])
    for level in sorted({level for tally in tallies for level in tally.integrity}):
        yield row(f"integrity {level}", [tally.integrity[level] for tally in tallies])
    yield row("alarms", [len(tally.alarms) for tally in tallies])
    if any(tally.killed or tally.survivors for tally in tallies):
        yield row("mutants killed", [tally.killed for tally in tallies])
        yield row("mutants survived", [len(tally.survivors) for tally in tallies])
    yield row("programs/s", [_rate(tally.programs, tally.seconds) for tally in tallies])
    yield row("tests/s", [_rate(tally.tests, tally.seconds) for tally in tallies])


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:.1f}" if seconds else "-"


def _names(tally: Tally) -> Iterator[RenderableType]:
    yield from _listed(f"{tally.name}: not accepted", tally.refused, "red")
    yield from _listed(f"{tally.name}: faults", tally.faults, "bold red")
    yield from _listed(f"{tally.name}: alarms", tally.alarms, "yellow")
    title = f"{tally.name}: mutants that survived, which the tests do not tell from the solution or nobody can"
    yield from _listed(title, _by_problem(tally.survivors), "yellow")
    yield from _listed(f"{tally.name}: repaired before scoring", tally.repaired, "dim")


def _by_problem(names: Iterable[str]) -> Mapping[str, str]:
    labels: dict[str, list[str]] = {}
    for name in sorted(names):
        problem, _, label = name.partition(" ")
        labels.setdefault(problem, []).append(label)
    return {problem: ", ".join(found) for problem, found in labels.items()}


def _listed(title: str, names: Mapping[str, str], style: str) -> Iterator[RenderableType]:
    if names:
        yield Text(f"\n{title}", style=style)
    for name, why in names.items():
        yield Text(f"  {name}: {why}")

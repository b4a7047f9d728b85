"""Tables for people. Built here, printed by `render.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sandbox.cli.render import clean
from sandbox.cli.tally import Row, Tally
from sandbox.cli.units import limit_text
from sandbox.doctor.result import Result

if TYPE_CHECKING:
    from sandbox.admission import Report
    from sandbox.cli.selecting import Report as Choice

_STYLES = {"ACCEPTED": "green", "rejected": "yellow", "fault": "bold red", "SKIPPED": "dim"}


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def score_table(tally: Tally) -> RenderableType:
    """Answers, in the order of the file. Of very many only those that were not accepted."""
    rows = tally.rows()
    noted = any(row.note for row in rows)
    names = ("id", "status", "passed", "reward", "tests", "ms", "why")
    table = _table(*(names if noted else names[:-1]), right=("reward", "tests", "ms"))
    for row in rows:
        table.add_row(*_cells(row), *([clean(row.note)] if noted else []))
    hidden = tally.total - len(rows)
    more = Text(f"{hidden:,} more are not shown; --json prints every answer", style="dim")
    return Group(*([table] if rows else []), *([more] if hidden else []))


def _cells(row: Row) -> tuple[str | Text, ...]:
    return (
        clean(row.id),
        Text(row.status, style=_STYLES.get(row.status, "red")),
        "" if row.passed is None else "yes" if row.passed else "no",
        "" if row.reward is None else f"{row.reward:g}",
        row.tests,
        "" if row.wall_ms is None else f"{row.wall_ms:,.1f}",
    )


def admission_table(reports: Iterable[Report], hidden: int) -> RenderableType:
    """Reports on problems, each reason and note on a line of its own."""
    table = _table("id", "verdict", "tests", "why", right=("tests",))
    for report in reports:
        said = [*report.reasons, *(f"fault: {fault}" for fault in report.faults), *report.notes]
        tests = str(len(report.tests)) if report.tests else ""
        table.add_row(clean(report.id), _ADMITTED[report.admitted], tests, "\n".join(map(clean, said)))
    more = Text(f"{hidden:,} more are not shown; --json prints every report", style="dim")
    return Group(*([table] if table.row_count else []), *([more] if hidden else []))


_ADMITTED = {
    True: Text("admitted", style="green"),
    False: Text("rejected", style="red"),
    None: Text("fault", style="bold red"),
}


def selection_table(reports: Iterable[Choice], hidden: int) -> RenderableType:
    """What was picked for each problem, best first."""
    shown = list(reports)
    columns = ["problem", "samples", "survivors", "clusters", "picks", "faults"]
    noted, judged = any(each.error or each.notes for each in shown), any(each.hidden for each in shown)
    columns += [*(["passed"] if judged else []), *(["why"] if noted else [])]
    table = _table(*columns, right=("samples", "survivors", "clusters", "faults"))
    for report in shown:
        found = report.selection
        cells: list[str | Text] = [clean(report.id)]
        if found is None:
            cells += ["", "", "", "", ""]
        else:
            counts = map(str, (report.samples, found.survivors, len(found.groups)))
            cells += [*counts, " ".join(map(str, found.picks)) or "none", str(found.faults or "")]
        if judged:
            cells.append(" ".join(_PASSED[each] for each in report.passed))
        if noted:
            cells.append("\n".join(clean(each) for each in (report.error, *report.notes) if each))
        table.add_row(*cells)
    more = Text(f"{hidden:,} more are not shown; --json prints every report", style="dim")
    return Group(*([table] if table.row_count else []), *([more] if hidden else []))


_PASSED = {True: "yes", False: "no", None: "fault"}


def runtimes_table(runtimes: Iterable[dict[str, Any]]) -> Table:
    """Runtimes, and why one is not offered."""
    table = _table("name", "language", "version", "available", "why")
    for runtime in runtimes:
        available = Text("yes", style="green") if runtime["available"] else Text("no", style="red")
        table.add_row(runtime["name"], runtime["language"], runtime["version"], available, clean(runtime["why"]))
    return table


_SHOWN_LIMITS = ("cpu_time_ms", "wall_time_ms", "memory_bytes", "processes", "output_bytes")


def policies_table(policies: Iterable[dict[str, Any]]) -> Table:
    """Policies, with the limits that are asked for most."""
    table = _table("name", "cpu", "wall", "memory", "processes", "output", "fresh", "packages", "description")
    for policy in policies:
        table.add_row(
            policy["name"],
            *(limit_text(name, policy["limits"][name]) for name in _SHOWN_LIMITS),
            policy["fresh"],
            ", ".join(policy["packages"]) or "none",
            policy["description"],
        )
    return table


def policy_table(policy: dict[str, Any]) -> RenderableType:
    """One policy, whole: every value and where it comes from."""
    values = _table("key", "value", "from")
    for each in policy["values"]:
        if each["key"] not in ("name", "description"):
            values.add_row(each["key"], clean(_value_text(each["key"], each["value"])), each["from"])
    groups = _table("system calls", "number", "why they are granted", right=("number",))
    for group in policy["seccomp"]["groups"]:
        groups.add_row(group["name"], str(len(group["calls"])), group["reason"])
    head = Text(f"{policy['name']}: {policy['description']}\n", style="bold")
    head.append(f"{policy['hash']}\n", style="not bold")
    return Group(head, values, Text(""), groups)


def _value_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return limit_text("_bytes" if key.endswith(".bytes") else key, value)
    return (", ".join(value) if isinstance(value, list) else value) or "none"


_CHECK_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}


def check_text(result: Result) -> Text:
    """One check of the doctor; what is not well says what follows from it, and the fix."""
    status = result.status.value
    text = Text(f"{result.name:<11}")
    text.append(f"{status.upper() if status == 'fail' else status:<6}", style=_CHECK_STYLES[status])
    text.append(clean(result.found))
    for word, line in (("effect", result.effect), ("fix", result.fix)):
        if line:
            text.append(f"\n{'':<17}{word + ':':<8}{clean(line)}")
    return text

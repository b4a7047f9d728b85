"""Actions for people: one in short, one whole, many as a table, and what to do with one next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sandbox.cli.render import escaped
from sandbox.cli.units import size_text

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Action

_STYLES = {
    "HELD": "yellow",
    "COMMITTED": "green",
    "UNDONE": "cyan",
    "DISCARDED": "dim",
    "DENIED": "red",
    "FAILED": "bold red",
    "IN_DOUBT": "bold red",
    "QUARANTINED": "bold red",
}
_COMMAND_WIDTH = 60


def status_of(action: Action) -> str:
    """The name of its status."""
    from sandbox.v1 import action_pb2

    known = action_pb2.Action.Status.DESCRIPTOR.values_by_number.get(action.status)
    return known.name if known else str(action.status)


def class_of(action: Action) -> str:
    """The name of its class."""
    from sandbox.v1 import action_pb2

    known = action_pb2.Effect.Class.DESCRIPTOR.values_by_number.get(action.effect_class)
    return known.name if known else str(action.effect_class)


def headline(action: Action) -> Text:
    """One line: what became of it, how it ended, what it took."""
    status = status_of(action)
    line = Text().append(escaped(action.id), style="bold")
    line.append("  ").append(status.lower(), style=_STYLES.get(status, ""))
    count = f"{action.effects:,} effect{'s' if action.effects != 1 else ''}"
    said = [count + (f", {class_of(action)}" if action.effects else ""), ending_of(action)]
    if action.wall_ms:
        memory = size_text(action.peak_memory_bytes)
        said.append(f"cpu {action.cpu_ms:.0f} ms, wall {action.wall_ms:.0f} ms, memory {memory}")
    return line.append(f"  {'; '.join(each for each in said if each)}")


def ending_of(action: Action) -> str:
    """How the command ended; empty while nobody knows."""
    if action.ended_by:
        return escaped(action.ended_by)
    if action.signal:
        return f"ended by signal {action.signal}"
    return f"exit code {action.exit_code}" if action.HasField("exit_code") else ""


def remarks(action: Action, *, full: bool = True) -> list[str]:
    """Lines on what people have to know: refusals, errors, what undo leaves behind; `full`: limits of the branch."""
    found = [f"refused: {escaped(rule)}" for rule in action.refused]
    if action.error:
        found.append(f"error: {escaped(action.error)}")
    if action.limits and full:
        found.append(f"backend {escaped(action.backend)}: {escaped(', '.join(action.limits))}")
    if action.residue:
        found.append(f"undo leaves behind: {escaped(', '.join(action.residue))}")
    return found


def next_steps(action: Action, server: str | None) -> str:
    """The exact commands that come next; empty where there are none."""
    status = status_of(action)
    where = f" --server {shlex.quote(server)}" if server else ""
    name = shlex.quote(action.id)
    steps = []
    if action.effects and status in ("HELD", "COMMITTED", "UNDONE"):
        steps.append(f"look: sandbox diff {name}{where}")
    if status == "HELD":
        steps += [f"commit: sandbox commit {name}{where}", f"drop: sandbox undo {name}{where}"]
    elif status == "COMMITTED" and action.effects:
        steps.append(f"undo: sandbox undo {name}{where}")
    elif status == "UNDONE":
        steps.append(f"redo: sandbox redo {name}{where}")
    elif status == "IN_DOUBT":
        steps.append("find out: sandbox recover")
    return escaped("; ".join(steps))


def actions_table(actions: Iterable[Action]) -> Table:
    """Actions, a line each."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("id", "when", "status", "effects", "class", "ended", "workspace", "command"):
        table.add_column(column, justify="right" if column == "effects" else "left", overflow="fold")
    for action in actions:
        status = status_of(action)
        place = f"{action.workspace} ({action.branch})" if action.branch else action.workspace
        command = command_of(action)
        table.add_row(
            Text(escaped(action.id)),
            time_of(action.created_ms),
            Text(status.lower(), style=_STYLES.get(status, "")),
            f"{action.effects:,}",
            class_of(action) if action.effects else "",
            Text(ending_of(action)),
            Text(escaped(place)),
            Text(command if len(command) <= _COMMAND_WIDTH else f"{command[:_COMMAND_WIDTH]}…"),
        )
    return table


def action_text(action: Action, server: str | None) -> Text:
    """One action, whole."""
    text = headline(action)
    rows = {
        "command": command_of(action),
        "workspace": action.workspace,
        "branch": action.branch,
        "when": time_of(action.created_ms),
        "held until": time_of(action.expires_ms) if action.expires_ms else "",
        "who": action.principal,
        "backend": action.backend,
        "policy": action.policy_hash,
        "before": action.pre_root,
        "after": action.post_root,
        "last looked at": action.final_root,
        "redo of": action.redo_of,
        "redone by": action.redone_by,
        "rewards": ", ".join(f"{reward:g}" for reward in action.rewards),
    }
    for name, value in rows.items():
        if value:
            text.append(f"\n  {name + ':':<16}{escaped(value)}")
    for line in [*remarks(action), next_steps(action, server)]:
        if line:
            text.append(f"\n  {line}")
    return text


def command_of(action: Action) -> str:
    """The command as a shell would take it."""
    return escaped(shlex.join(action.command)) or "(a program)"


def time_of(milliseconds: int) -> str:
    """A moment, in UTC."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"

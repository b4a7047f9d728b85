"""Tables of rollouts: a run by step, and a group with its samples side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sandbox.cli.render import clean
from sandbox.rollouts.groups import Spread, reward_of

if TYPE_CHECKING:
    from sandbox.rollouts.expected import Task
    from sandbox.rollouts.groups import Group
    from sandbox.rollouts.overview import StepSummary
    from sandbox.rollouts.record import Outcome, Rollout

# A mark for each status of a test; letters, so that colour is never all there is.
_MARKS = {
    "ACCEPTED": ("✓", "green"),
    "WRONG_ANSWER": ("✗", "red"),
    "RUNTIME_ERROR": ("E", "red"),
    "TIME_LIMIT": ("T", "yellow"),
    "MEMORY_LIMIT": ("M", "yellow"),
    "OUTPUT_LIMIT": ("O", "yellow"),
    "COMPILE_ERROR": ("C", "magenta"),
    "SECURITY_VIOLATION": ("S", "bold red"),
    "SKIPPED": ("·", "dim"),
}
# The widest half of a status ("VIOLATION") and the space after it.
_COLUMN = 11
_LABEL, _GAP = 30, 2
_NONE = "–"


def overview_table(steps: Sequence[StepSummary]) -> Table:
    """One row a step."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("step", "samples", "reward", "passed", "groups", "all-pass", "all-fail", "same", "faults", "tokens"):
        table.add_column(name, justify="right")
    table.add_column("verdicts", overflow="fold")
    for step in steps:
        spreads = (step.spreads[kind] for kind in (Spread.ALL_PASSED, Spread.ALL_FAILED, Spread.SAME_REWARD))
        table.add_row(
            str(step.step),
            f"{step.samples:,}",
            _NONE if step.reward is None else f"{step.reward:.3f}",
            _NONE if step.passed is None else f"{step.passed:.1%}",
            f"{step.groups:,}",
            *map(str, spreads),
            Text(str(step.faults), style="bold red" if step.faults else ""),
            _NONE if step.tokens is None else f"{step.tokens:,.0f}",
            ", ".join(f"{clean(name)} {count:,}" for name, count in step.verdicts.most_common()),
        )
    return table


def group_title(group: Group) -> Text:
    """What the group is, and what it can teach."""
    found = group.statistics
    title = Text(f"step {group.step}  task {clean(group.task)}  group {clean(group.name)}", style="bold")
    faults = f", {found.faults} fault{'s' if found.faults != 1 else ''}" if found.faults else ""
    text = f"\n{len(found.rewards)} sample{'s' if len(found.rewards) != 1 else ''}{faults}; {group.spread}"
    if found.valid:
        text += f"; mean {found.mean:.3f}, std {found.std_unbiased:.3f}"
    return title.append(text, style="not bold")


def sample_name(rollout: Rollout, turns: Sequence[Rollout]) -> str:
    """ "#3", and "#3.1" where the sample has more turns than one."""
    return f"#{rollout.sample}" + (f".{rollout.turn}" if len(turns) > 1 else "")


def group_tables(
    group: Group, samples: Sequence[Sequence[Rollout]], task: Task | None, every_turn: bool, width: int
) -> Iterator[Table]:
    """Samples as columns, tests as rows; as many tables beneath each other as the width asks for."""
    advantages = dict(zip((id(end) for end in group.ends), group.statistics.advantages(), strict=True))
    columns = [(turn, turns) for turns in samples for turn in (turns if every_turn else turns[-1:])]
    tests = _test_names(group, task)
    reserved = min(_LABEL, max((len(clean(name)) for name in tests), default=0) + len("  public") + _GAP)
    many = max(1, (width - reserved) // _COLUMN)
    for start in range(0, len(columns), many):
        part = columns[start : start + many]
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        table.add_column("", overflow="fold", max_width=_LABEL)
        for turn, turns in part:
            table.add_column(sample_name(turn, turns), justify="right")
        rollouts = [turn for turn, _ in part]
        table.add_row("reward", *(_number(reward_of(each), ".3f") for each in rollouts))
        table.add_row("advantage", *(_number(advantages.get(id(each)), "+.3f") for each in rollouts))
        table.add_row("verdict", *map(_verdict, rollouts))
        table.add_row("tokens", *(f"{each.tokens:,}" for each in rollouts))
        outcomes = [{test.id: test for test in each.tests} for each in rollouts]
        for name, public in tests.items():
            label = Text(clean(name)).append("  public" if public else "", style="dim")
            table.add_row(label, *(_mark(found.get(name)) for found in outcomes))
        yield table


def legend(samples: Iterable[Sequence[Rollout]]) -> Text:
    """What the marks mean, of those that the samples have."""
    used = {test.status for turns in samples for turn in turns for test in turn.tests}
    text = Text()
    for name, (mark, style) in _MARKS.items():
        if name in used:
            text.append("  " if text else "").append(mark, style=style).append(f" {name}", style="dim")
    return text


def _test_names(group: Group, task: Task | None) -> dict[str, bool]:
    """Tests and whether each is public: as the task has them, and then any others that were run."""
    names = {name: test.public for name, test in task.tests.items()} if task else {}
    for turns in group.samples:
        for turn in turns:
            for test in turn.tests:
                names.setdefault(test.id, test.public)
    return names


def _number(value: float | None, form: str) -> str:
    return _NONE if value is None else format(value, form)


def _verdict(rollout: Rollout) -> Text:
    if rollout.fault:
        return Text("fault", style="bold red")
    style = _MARKS.get(rollout.verdict, ("", "red"))[1]
    return Text(clean(rollout.verdict).replace("_", "\n") or _NONE, style=style)


def _mark(test: Outcome | None) -> Text:
    if test is None:
        return Text(_NONE, style="dim")
    mark, style = _MARKS.get(test.status, ("?", "red"))
    share = f" {test.score:.2f}" if 0.0 < test.score < 1.0 else ""
    return Text(f"{mark}{share}", style=style)

"""`sandbox rollouts`: what a training run's samples were, and why they got what they got."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, ExtraError, UsageError
from sandbox.cli.verb import Verb, json_option, run_argument
from sandbox.model.status import Stage

if TYPE_CHECKING:
    from sandbox.rollouts.choice import Choice
    from sandbox.rollouts.folder import RunFolder
    from sandbox.rollouts.groups import Group
    from sandbox.rollouts.record import Rollout

GROUPS = 10
_EPILOG = """
examples:
  sandbox rollouts runs/one                          the run, step by step
  sandbox rollouts runs/one --step 40                its groups, side by side
  sandbox rollouts runs/one --task t12 --failing --completions
  sandbox rollouts runs/one --group 40/t12 --turns --completions
  sandbox rollouts runs/one --faults --json | jq -r .fault
  sandbox rollouts runs/one --plot curve.png

Of a group, samples are columns and tests are rows; advantage is the reward less
the group's mean, faults left out. Below, for tests that failed, - is what was
expected (RUN/tasks.jsonl) and + is what was found.

all-pass, all-fail and same are groups whose rewards do not differ: they teach
nothing. --passing, --failing and --faults may be given together.

exit codes: 0 done, 2 bad usage or no such rollout, 3 a fault of ours
"""


@click.command("rollouts", cls=Verb, epilog=_EPILOG)
@run_argument
@click.option("--step", type=int, metavar="N", help="Groups of this step.")
@click.option("--task", default="", metavar="ID", help="Groups of this task.")
@click.option("--group", default="", metavar="G", help="This group.")
@click.option("--passing", is_flag=True, help="Samples that passed.")
@click.option("--failing", is_flag=True, help="Samples that were judged and failed.")
@click.option("--faults", is_flag=True, help="Samples that were not judged.")
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice([stage.value for stage in Stage], case_sensitive=False),
    metavar="NAME",
    help="Samples with this verdict; may be repeated.",
)
@click.option("--turns", is_flag=True, help="Show every turn of a self-repair, not the last alone.")
@click.option("--completions", is_flag=True, help="Show prompts and completions.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"At most so many groups, last steps, or lines of JSON.  [{GROUPS}; all; all]",
)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write the learning curve there, as PNG.")
@json_option("Print rollouts as JSON, one a line, as the log has them.")
def rollouts(
    run: Path,
    step: int | None,
    task: str,
    group: str,
    verdicts: tuple[str, ...],
    turns: bool,
    completions: bool,
    limit: int | None,
    plot: Path | None,
    as_json: bool,
    **kinds: bool,
) -> int:
    """Shows the rollouts of RUN, the folder of a training run."""
    from sandbox.rollouts.choice import Choice
    from sandbox.rollouts.folder import RunFolder

    folder = RunFolder(run)
    wanted = frozenset(name for name, given in kinds.items() if given)
    choice = Choice(step, task, group, wanted, frozenset(verdicts))
    if plot is not None:
        _plot(folder, plot)
    elif as_json:
        _lines(folder, choice, turns, limit)
    elif choice.everything and not (turns or completions):
        _overview(folder, limit)
    else:
        _groups(folder, choice, turns, completions, limit or GROUPS)
    return Exit.ACCEPTED


def _overview(folder: RunFolder, limit: int | None) -> None:
    from sandbox.cli.rollout_tables import overview_table
    from sandbox.rollouts.overview import overview

    # Texts are most of a log, and of no use here.
    steps = overview(replace(each, prompt="", completion="", tests=()) for each in folder.rollouts())
    if not steps:
        raise _nothing(folder)
    render.show(overview_table(steps[-limit:] if limit else steps))


def _chosen(folder: RunFolder, choice: Choice) -> list[tuple[Group, list[tuple[Rollout, ...]]]]:
    """Groups with the samples that are looked at. Raises UsageError where there are none."""
    from sandbox.rollouts.groups import grouped

    found = [(group, choice.samples(group)) for group in grouped(folder.rollouts(choice.of_group))]
    found = [(group, samples) for group, samples in found if samples]
    if not found:
        raise _nothing(folder)
    return found


def _nothing(folder: RunFolder) -> UsageError:
    return UsageError(f"{folder.path} has no such rollouts", fix=f"sandbox rollouts {folder.path}")


def _lines(folder: RunFolder, choice: Choice, turns: bool, limit: int | None) -> None:
    chosen = (each for _, samples in _chosen(folder, choice) for sample in samples for each in sample)
    wanted = [each for each in chosen if turns or each.last]
    for each in wanted[:limit]:
        # ASCII: nothing in it can move a cursor.
        render.line(json.dumps(asdict(each), separators=(",", ":")))


def _groups(folder: RunFolder, choice: Choice, turns: bool, completions: bool, limit: int) -> None:
    from sandbox.cli.rollout_tables import group_tables, group_title, legend
    from sandbox.rollouts.expected import tasks

    found = _chosen(folder, choice)
    shown = found[:limit]
    known = tasks(folder, {group.task for group, _ in shown})
    for group, samples in shown:
        task = known.get(group.task)
        render.show(group_title(group))
        for table in group_tables(group, samples, task, turns, render.width()):
            render.show(table)
        _texts(samples, task, turns, completions)
        render.line("")
    if marks := legend(sample for _, samples in shown for sample in samples):
        render.show(marks)
    if len(found) > limit:
        rest = len(found) - limit
        render.note(f"{rest:,} more group{'s' if rest != 1 else ''}; --limit {len(found)} shows all")


def _texts(samples: Sequence[tuple[Rollout, ...]], task: Any, turns: bool, completions: bool) -> None:
    from sandbox.cli.rollout_text import one_below_the_other, prompt_text, sample_texts, side_by_side

    if completions:
        render.show(prompt_text(samples[0][0].prompt))
    texts = sample_texts(samples, task, turns, completions)
    if texts and render.on_terminal():
        render.show(side_by_side(texts, render.width()))
    elif texts:
        render.show(one_below_the_other(texts))


def _plot(folder: RunFolder, out: Path) -> None:
    from sandbox.rollouts.curve import draw

    try:
        draw(folder, out)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ExtraError(
            "matplotlib is not installed",
            why="curves are drawn by a library of an extra",
            fix="pip install 'reward-sandbox[train]'",
        ) from error
    render.note(f"wrote {out}")

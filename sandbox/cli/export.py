"""`sandbox export`: a run's rollouts as a data set for other trainers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import Exit, UsageError
from sandbox.cli.verb import Verb, json_option, run_argument

if TYPE_CHECKING:
    from sandbox.rollouts.folder import RunFolder
    from sandbox.rollouts.record import Rollout
    from sandbox.rollouts.rows import Left, Row

_EPILOG = """
examples:
  sandbox export runs/one --format dpo --out pairs.jsonl
  sandbox export runs/one --format sft --per-task 4 --out passed.jsonl
  sandbox export runs/one --format rlhf --line-penalty 0.3 --out - | gzip > r.gz

formats, one JSON object a line:
  dpo   prompt, chosen, rejected, task, step, reward_chosen, reward_rejected
        Chosen passed, rejected was judged and failed. With --margin M chosen
        may have failed, too, with a reward higher by at least M.
  sft   prompt, completion, task, step
        What passed, each text once; of a task the first --per-task in the
        order of the log, short or long.
  rlhf  prompt, completion, reward, advantage_rloo, advantage_grpo, group, task,
        step, spans: [[start, end, value], ...] in characters of the completion.
        The reward is on the last character of the program; with --line-penalty
        W, -W is on the line that raised, as the traceback has it. To tokens:
        sandbox.rollouts.spans.token_rewards(spans, offsets)

Faults are in none of them, nor turns of a self-repair before the last. Where
prompts are JSON lists of messages, columns are messages. TRL's DPOTrainer and
SFTTrainer take the files as they are:

  datasets.load_dataset("json", data_files="pairs.jsonl", split="train")

exit codes: 0 done, 2 bad usage or nothing to export, 3 a fault of ours
"""
READ = ("rollouts.jsonl", "tasks.jsonl")
_OF_FORMAT = {
    "within": "dpo",
    "pairs": "dpo",
    "margin": "dpo",
    "seed": "dpo",
    "per_task": "sft",
    "line_penalty": "rlhf",
}


_FIXES = {
    "dpo": "--margin, or --within task, finds more pairs",
    "sft": "`sandbox rollouts` shows what there is",
    "rlhf": "`sandbox rollouts` shows what there is",
}


@click.command("export", cls=Verb, epilog=_EPILOG)
@run_argument
@click.option("--format", "kind", type=click.Choice([*_FIXES]), required=True, help="What is written.")
@click.option("--out", metavar="FILE|-", required=True, help="Where; - is stdout.")
@click.option("--within", type=click.Choice(["group", "task"]), help="dpo: what both sides are of.  [group]")
@click.option("--pairs", type=click.IntRange(1), metavar="N", help="dpo: at most so many of a group, or task.  [4]")
@click.option("--margin", type=click.FloatRange(0.0), metavar="M", help="dpo: a reward higher by M is chosen, too.")
@click.option("--seed", type=int, metavar="N", help="dpo: draws the pairs.  [0]")
@click.option("--per-task", type=click.IntRange(1), metavar="N", help="sft: at most so many of a task.  [all]")
@click.option(
    "--line-penalty", type=click.FloatRange(0.0), metavar="W", help="rlhf: taken off the line that raised.  [0]"
)
@json_option("Print what was written and left out as one JSON object.")
def export(run: Path, kind: str, out: str, as_json: bool, **given: Any) -> int:
    """Writes the rollouts of RUN as a data set."""
    from sandbox.rollouts.folder import RunFolder
    from sandbox.rollouts.rows import Left, row_line

    options = {name: value for name, value in given.items() if value is not None}
    _check(kind, out, as_json, options)
    left = Left()
    rows = _rows(RunFolder(run), kind, options, left)
    first = next(rows, None)
    if first is None:
        raise UsageError(f"nothing in {run} makes a row of {kind}", why=f"left out: {left.text()}", fix=_FIXES[kind])
    written = 0
    with _written_to(out, run) as write:
        for row in chain([first], rows):
            write(row_line(row).encode())
            written += 1
    if as_json:
        render.as_json({"format": kind, "written": written, "left_out": left.counts})
    else:
        render.note(f"{written:,} row{'s' if written != 1 else ''}; left out: {left.text()}")
    return Exit.ACCEPTED


def _check(kind: str, out: str, as_json: bool, options: dict[str, Any]) -> None:
    stray = next((name for name in options if _OF_FORMAT[name] != kind), None)
    if stray is not None:
        raise UsageError(f"--{stray.replace('_', '-')} is of --format {_OF_FORMAT[stray]}", fix="leave it out")
    if as_json and out == "-":
        raise UsageError("--json and --out - both write to stdout", fix="name a file")


def _rows(folder: RunFolder, kind: str, options: dict[str, Any], left: Left) -> Iterator[Row]:
    from sandbox.rollouts import rows
    from sandbox.rollouts.expected import tasks

    if kind == "rlhf":
        mains = {name: task.main for name, task in tasks(folder).items()}
        return rows.rlhf_rows([*folder.rollouts()], left, mains=mains, **options)
    light = [_without_tests(each) for each in folder.rollouts()]
    if kind == "sft":
        return rows.sft_rows(light, left, **options)
    if "pairs" in options:
        options["limit"] = options.pop("pairs")
    return rows.dpo_rows(light, left, **options)


def _without_tests(rollout: Rollout) -> Rollout:
    """Outputs of tests are most of a log, and of no use here."""
    return replace(rollout, tests=())


@contextmanager
def _written_to(out: str, run: Path) -> Iterator[Callable[[bytes], object]]:
    if out == "-":
        yield render.write
        return
    path = Path(out)
    if path.resolve().parent == run.resolve() and path.name in READ:
        raise UsageError(f"{out} is what is read", fix="give --out another file")
    try:
        with path.open("wb") as file:
            yield file.write
    except OSError as error:
        raise UsageError(f"cannot write {out}", why=error.strerror or "") from error

"""`sandbox train`: the reference trainer over a reward server."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from pathlib import Path
from typing import Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import ExtraError, UsageError
from sandbox.cli.verb import Verb, json_option

_EPILOG = """
examples:
  sandbox train examples/tiny.toml            against a running server
  sandbox train examples/tiny.toml --set seed=1 --set 'grpo.loss_type="dr_grpo"'
  sandbox train examples/tiny.toml --out runs/tiny --resume

CONFIG is TOML: [model], [data], [reward], [rollout], [eval], and [grpo], which
is TRL's GRPOConfig key by key. What there is to set stands, with its meaning,
in sandbox/train/config.py; examples/ holds files to start from.

A run is a folder: config.json, tasks.jsonl, admission.jsonl, metrics.jsonl,
rollouts.jsonl, evals.jsonl, curve.png, checkpoints. Look at it with `sandbox
rollouts`, and make data sets of it with `sandbox export`.

A sample that met a fault of the server has no reward and no advantage; the run
stops by itself where such samples are more than reward.max_fault_share.

exit codes:
  0  trained    2  bad usage: CONFIG, or its tasks    3  a fault of ours
"""
_EXTRA = ("torch", "trl", "transformers", "datasets", "pydantic")


@click.command("train", cls=Verb, epilog=_EPILOG)
@click.argument("config", metavar="CONFIG", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The run's folder.  [runs/NAME]")
@click.option("--server", "servers", multiple=True, metavar="ADDRESS", help="A reward server; may be given again.")
@click.option("--resume", is_flag=True, help="Go on from the folder's last checkpoint.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="Overrides a key of CONFIG; VALUE is TOML.")
@json_option("Print one object as the last line: the evaluations before and after.")
def train(
    config: Path, out: Path | None, servers: tuple[str, ...], resume: bool, given: tuple[str, ...], as_json: bool
) -> None:
    """Trains a model on programs that a reward server judges."""
    missing = next((name for name in _EXTRA if importlib.util.find_spec(name) is None), None)
    if missing:
        raise ExtraError(
            f"{missing} is not installed",
            why="the trainer is an extra, which the server and the client never load",
            fix="pip install 'reward-sandbox[train]'",
        )
    from sandbox.cli.train_view import View
    from sandbox.rollouts import RunFolder
    from sandbox.train.config import read_config

    folder = RunFolder(out or Path("runs", config.stem))
    checked = read_config(config, [_override(each) for each in given], servers)
    with View(checked.grpo.get("max_steps", 0)) as view:
        view.tell("phase", {"doing": "loading torch and TRL"})
        from sandbox.train.run import train as run

        found = run(checked, folder, resume, view.tell)
    render.tell(view.table(found))
    if importlib.util.find_spec("matplotlib"):
        from sandbox.rollouts.curve import draw

        draw(folder, folder.path / "curve.png")
    render.note(f"run: {folder.path}")
    if as_json:
        short = {name: row["pass@1"] for name, row in found.items()}
        render.line(json.dumps({**short, "evaluations": found, "run": str(folder.path)}))


def _override(text: str) -> tuple[str, Any]:
    """A dotted key and its value, read as TOML; what is no TOML is text. Raises UsageError."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {text}: no KEY=VALUE", fix="--set grpo.max_steps=20")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()

"""`sandbox`: the verbs, by task."""

from __future__ import annotations

import rich_click as click

from sandbox.cli import render
from sandbox.cli.admit import admit
from sandbox.cli.commit import commit
from sandbox.cli.diff import diff
from sandbox.cli.doctor import doctor
from sandbox.cli.exec import execute
from sandbox.cli.export import export
from sandbox.cli.gc import gc
from sandbox.cli.log import log
from sandbox.cli.plan import plan
from sandbox.cli.policies import policies
from sandbox.cli.recover import recover
from sandbox.cli.redo import redo
from sandbox.cli.rescore import rescore
from sandbox.cli.rollouts import rollouts
from sandbox.cli.run import run
from sandbox.cli.runtimes import runtimes
from sandbox.cli.score import score
from sandbox.cli.select import select
from sandbox.cli.serve import serve
from sandbox.cli.show import show
from sandbox.cli.train import train
from sandbox.cli.undo import undo
from sandbox.cli.verb import Family
from sandbox.cli.verify import verify

_EPILOG = """
examples:
  sandbox doctor                              can this machine jail programs?
  sandbox exec hello.py                       run one program
  sandbox score jobs.jsonl --json             judge many, one answer a line
  sandbox select samples.jsonl --inputs 20    which of many programs to submit?
  sandbox admit problems.jsonl                which problems may be trained on?
  sandbox serve --listen unix:/run/sandbox    offer it to trainers
  sandbox run --workspace . -- make install   act, look, then commit or undo

exit codes:
  0  accepted, done    1  judged, not all accepted; a command that failed, or
  a conflict           2  bad usage or a bad job
  3  a fault of ours: nothing of it was scored

Results go to stdout, everything else to stderr. NO_COLOR is respected.
"""


_ACT = {str(each.name): each for each in (run, log, show, diff, commit, undo, redo, verify, recover, gc, rescore)}


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("reward-sandbox")
    except PackageNotFoundError:
        found = "(a checkout that is not installed)"
    render.line(f"sandbox {found}")
    context.exit()


@click.group(cls=Family, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.rich_config({"theme": "default-slim", "text_markup": None})
@click.command_panel("run it", commands=["score", "select", "exec", "serve"])
@click.command_panel("act", commands=list(_ACT))
@click.command_panel("train", commands=["train", "rollouts", "export"])
@click.command_panel("look", commands=["plan", "runtimes", "policies"])
@click.command_panel("check", commands=["admit", "doctor"])
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def app() -> None:
    """Runs programs in jails, judges them, answers with rewards; and takes back what commands did."""


_TRAIN = (train, rollouts, export)
for _verb in (score, select, execute, serve, *_ACT.values(), *_TRAIN, plan, runtimes, policies, admit, doctor):
    app.add_command(_verb)

"""What commit, undo and redo share: the question beforehand, and what is told afterwards."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from sandbox.cli import render
from sandbox.cli.exits import Exit

if TYPE_CHECKING:
    from sandbox.v1.action_pb2 import Action, DiffResponse, TransitionResponse

_CONFLICTS = 100


def agreed(question: str, found: DiffResponse) -> bool:
    """Shows what an action changed, and asks on the terminal."""
    from sandbox.cli.action_text import headline
    from sandbox.cli.effects_text import effects_text

    render.tell(headline(found.action))
    if found.effects:
        render.tell(effects_text(found.effects, f"sandbox diff {found.action.id}"))
    if render.confirm(question):
        return True
    render.note("nothing was changed")
    return False


async def looked_up(name: str, server: str | None) -> DiffResponse:
    """An action with its effects."""
    from sandbox.cli.acting import checked, open_acting
    from sandbox.v1 import action_pb2

    request = checked(action_pb2.DiffRequest(id=name))
    async with open_acting(server) as actions:
        return await actions.diff(request)


def report(
    answer: TransitionResponse,
    word: str,
    server: str | None,
    as_json: bool,
    *,
    dry_run: bool = False,
    many: bool = False,
) -> Exit:
    """Tells what a call led to. 1: nothing at all was changed, though it was asked for.

    `many`: it was not about the one action that the answer names, but about all that it lists.
    """
    names = [*answer.actions] if many else [*answer.actions] or [answer.action.id]
    if as_json:
        from sandbox.cli.plain import json_line, plain

        render.write(json_line(plain(answer)))
    elif answer.done:
        _tell_done(answer, word, names)
        if not many:
            _tell_of_one(answer.action, server)
    else:
        _tell_undone(answer, dry_run, names)
    well = not answer.conflicts if dry_run else answer.done
    return Exit.ACCEPTED if well else Exit.NOT_ACCEPTED


def _tell_done(answer: TransitionResponse, word: str, names: Sequence[str]) -> None:
    render.line(f"{word}: {' '.join(map(render.escaped, names)) or 'nothing'}")
    if answer.message:
        render.note(render.escaped(answer.message))
    if answer.residue:
        render.note(f"left behind: {render.escaped(', '.join(answer.residue))}")


def _tell_of_one(action: Action, server: str | None) -> None:
    if not action.effects:
        render.note("it had no effects")
    elif step := _step_back(action, server):
        render.note(step)


def _step_back(action: Action, server: str | None) -> str:
    from sandbox.v1 import action_pb2

    where = f" --server {shlex.quote(server)}" if server else ""
    if action.status == action_pb2.Action.COMMITTED:
        return render.escaped(f"undo: sandbox undo {shlex.quote(action.id)}{where}")
    if action.status == action_pb2.Action.UNDONE:
        return render.escaped(f"redo: sandbox redo {shlex.quote(action.id)}{where}")
    return ""


def _tell_undone(answer: TransitionResponse, dry_run: bool, names: Sequence[str]) -> None:
    """Nothing was changed: by a conflict, by a refusal, or since it was only asked what would be."""
    count = len(answer.conflicts)
    if count:
        would = "would be a conflict" if dry_run else "conflict: nothing was changed"
        text = Text().append(f"{would}; {count:,} difference{'s' if count != 1 else ''}", style="bold red")
        for each in answer.conflicts[:_CONFLICTS]:
            found = render.escaped(f"{each.facet} is {each.found}, not {each.expected}")
            text.append(f"\n  {render.escaped(each.resource)}  {found}")
        if count > _CONFLICTS:
            text.append(f"\n  … and {count - _CONFLICTS:,} more; --json prints all", style="dim")
        render.show(text)
    elif dry_run:
        render.line(f"would be taken back: {' '.join(map(render.escaped, names)) or 'nothing'}")
    else:
        render.line("nothing was changed")
    if answer.message:
        render.note(render.escaped(answer.message))

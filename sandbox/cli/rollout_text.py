"""Samples of a group in words: their completions, and why their tests failed; side by side where the width allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sandbox.cli.render import block, clean
from sandbox.cli.rollout_tables import sample_name
from sandbox.rollouts.differences import differences
from sandbox.rollouts.rows import messages_in

if TYPE_CHECKING:
    from sandbox.rollouts.expected import Task
    from sandbox.rollouts.record import Outcome, Rollout

# Reasons of one sample that are told; a column that code can be read in.
REASONS, COLUMN = 3, 60
_STYLES = {"+": "green", "-": "red", "@": "cyan", "!": "yellow"}


def sample_texts(
    samples: Sequence[Sequence[Rollout]], task: Task | None, every_turn: bool, completions: bool
) -> list[tuple[str, Text]]:
    """A title and a text for each sample that has something to say, or for each of its turns, in their order."""
    found = []
    for turns in samples:
        for number, turn in enumerate(turns):
            if not every_turn and number < len(turns) - 1:
                continue
            pieces = [*_completion(turns, number)] if completions else []
            pieces += _reasons(turn, task)
            if pieces:
                verdict = "fault" if turn.fault else clean(turn.verdict)
                found.append((f"{sample_name(turn, turns)}  {verdict}", Text("\n").join(pieces)))
    return found


def side_by_side(texts: Sequence[tuple[str, Text]], width: int) -> Table:
    """Panels in as many columns as the width has room for."""
    many = max(1, min(len(texts), width // COLUMN))
    grid = Table.grid(expand=True)
    for _ in range(many):
        grid.add_column(ratio=1)
    for start in range(0, len(texts), many):
        row: list[RenderableType] = [
            Panel(text, title=Text(title), title_align="left") for title, text in texts[start : start + many]
        ]
        grid.add_row(*row)
    return grid


def one_below_the_other(texts: Sequence[tuple[str, Text]]) -> Text:
    """The same, for readers that have no columns."""
    parts = [Text(title, style="bold").append("\n").append_text(_indented(text)) for title, text in texts]
    return Text("\n").join(parts)


def prompt_text(prompt: str) -> Text:
    """A prompt as it is read: messages by role, or its text."""
    messages = messages_in(prompt)
    if messages is None:
        return Text(block(prompt))
    parts = [Text(f"{clean(each['role'])}: ", style="bold").append(block(each["content"])) for each in messages]
    return Text("\n").join(parts)


def _indented(text: Text) -> Text:
    return Text("\n").join(Text("  ").append_text(line) for line in text.split("\n", allow_blank=True))


def _completion(turns: Sequence[Rollout], number: int) -> Iterator[Text]:
    if number:
        yield Text("asked again: ", style="bold").append(block(_added(turns[number - 1], turns[number])))
    yield Text(block(turns[number].completion.removesuffix("\n")))


def _added(before: Rollout, turn: Rollout) -> str:
    """What the prompt of a turn says that the one before did not, nor the model itself."""
    old, new = messages_in(before.prompt), messages_in(turn.prompt)
    if old is None or new is None:
        return turn.prompt.removeprefix(before.prompt)
    return "\n".join(each["content"] for each in new[len(old) :] if each["role"] != "assistant")


def _reasons(turn: Rollout, task: Task | None) -> Iterator[Text]:
    if turn.fault:
        yield Text(clean(turn.fault), style="bold red")
        return
    alike: dict[tuple[str, str, str, str], list[Outcome]] = {}
    for test in turn.tests:
        if test.status not in ("ACCEPTED", "SKIPPED"):
            # Tests that judge an output differ by what they expect; errors are one, however many tests met them.
            key = (test.status, test.detail, test.stderr, test.id if test.status == "WRONG_ANSWER" else "")
            alike.setdefault(key, []).append(test)
    for tests in [*alike.values()][:REASONS]:
        names = ", ".join(clean(test.id) for test in tests[:4]) + (", …" if len(tests) > 4 else "")
        yield Text(f"{names}  {clean(tests[0].status)}", style="bold")
        expected = task.tests.get(tests[0].id) if task else None
        for line in differences(tests[0], expected):
            sign = "" if line.startswith("!") else line[:1]
            yield Text(f"  {sign}{clean(line[1:].expandtabs(4))}", style=_STYLES.get(line[:1], ""))
    if len(alike) > REASONS:
        yield Text(f"… and {len(alike) - REASONS:,} more that failed", style="dim")

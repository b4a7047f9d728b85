"""Rollouts as rows of data sets, in the columns that TRL's trainers read. Pure.

    dpo    prompt, chosen, rejected, task, step, reward_chosen, reward_rejected
    sft    prompt, completion, task, step
    rlhf   prompt, completion, reward, advantage_rloo, advantage_grpo, group, task, step, spans

A prompt that is a JSON list of messages becomes that list, and completions become the assistant's messages. A data set
has one form: as soon as one of the prompts is such a list, the others become the user's messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.rollouts.groups import grouped, reward_of
from sandbox.rollouts.pairs import pairs
from sandbox.rollouts.record import Rollout
from sandbox.rollouts.spans import MAIN, reward_spans

Row = dict[str, Any]


@dataclass(slots=True)
class Left:
    """What was not exported, by reason; filled while rows are made."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, count: int = 1) -> None:
        """Counts."""
        if count:
            self.counts[reason] = self.counts.get(reason, 0) + count

    def text(self) -> str:
        """In one line."""
        return ", ".join(f"{reason} {count:,}" for reason, count in self.counts.items()) or "nothing"


def messages_in(prompt: str) -> list[dict[str, str]] | None:
    """The messages that a prompt holds as JSON; None for one that is text."""
    if not prompt.lstrip().startswith("["):
        return None
    try:
        given = json.loads(prompt)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, list) or not given or not all(map(_is_message, given)):
        return None
    return [{"role": each["role"], "content": each["content"]} for each in given]


def _is_message(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(given.get(name), str) for name in ("role", "content"))


class Form:
    """Text, or messages: how all prompts and completions of one data set are written."""

    def __init__(self, prompts: Iterable[str]) -> None:
        self.conversational = any(messages_in(prompt) is not None for prompt in prompts)

    def prompt(self, text: str) -> str | list[dict[str, str]]:
        """A prompt."""
        if not self.conversational:
            return text
        return messages_in(text) or [{"role": "user", "content": text}]

    def completion(self, text: str) -> str | list[dict[str, str]]:
        """What the model wrote."""
        return [{"role": "assistant", "content": text}] if self.conversational else text


def ends(rollouts: Iterable[Rollout]) -> Iterator[Rollout]:
    """What was rewarded: the last turns."""
    return (each for each in rollouts if each.last)


def dpo_rows(
    rollouts: Sequence[Rollout],
    left: Left,
    *,
    within: str = "group",
    limit: int = 4,
    margin: float | None = None,
    seed: int = 0,
) -> Iterator[Row]:
    """Preference pairs, at most `limit` a group, or a task where `within` is "task"; no two rows are of the same texts.

    `margin` is in the unit of the reward, as `pairs.py` has it; `seed` draws the pairs.
    """
    form = Form(each.prompt for each in rollouts)
    seen: set[tuple[str, str, str]] = set()
    for name, members in _bundles(rollouts, within).items():
        left.add("faults", sum(reward_of(each) is None for each in members))
        found = pairs(members, limit, margin, f"{seed}:{name}")
        left.add(f"{within}s without a pair", not found)
        for pair in found:
            texts = (pair.chosen.prompt, pair.chosen.completion, pair.rejected.completion)
            if texts in seen:
                left.add("pairs seen before")
                continue
            seen.add(texts)
            yield {
                "prompt": form.prompt(pair.chosen.prompt),
                "chosen": form.completion(pair.chosen.completion),
                "rejected": form.completion(pair.rejected.completion),
                "task": pair.chosen.task,
                "step": max(pair.chosen.step, pair.rejected.step),
                "reward_chosen": pair.chosen.reward,
                "reward_rejected": pair.rejected.reward,
            }


def _bundles(rollouts: Iterable[Rollout], within: str) -> dict[str, list[Rollout]]:
    found: dict[str, list[Rollout]] = {}
    for each in ends(rollouts):
        found.setdefault(each.task if within == "task" else f"{each.step}:{each.group}", []).append(each)
    return found


def sft_rows(rollouts: Sequence[Rollout], left: Left, *, per_task: int | None = None) -> Iterator[Row]:
    """What passed, each text once for a prompt, the first `per_task` of a task in the order of the log."""
    form = Form(each.prompt for each in rollouts)
    seen: set[tuple[str, str]] = set()
    counts: dict[str, int] = {}
    for each in ends(rollouts):
        if reward_of(each) is None:
            left.add("faults")
        elif not each.passed:
            left.add("samples that failed")
        elif (each.prompt, each.completion) in seen:
            left.add("texts seen before")
        elif per_task is not None and counts.get(each.task, 0) >= per_task:
            left.add("samples beyond --per-task")
        else:
            seen.add((each.prompt, each.completion))
            counts[each.task] = counts.get(each.task, 0) + 1
            yield {
                "prompt": form.prompt(each.prompt),
                "completion": form.completion(each.completion),
                "task": each.task,
                "step": each.step,
            }


def rlhf_rows(
    rollouts: Sequence[Rollout], left: Left, *, line_penalty: float = 0.0, mains: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Every sample that was judged, with its advantages in its group; groups of fewer than two such are left out.

    `spans`: [[start, end, value], ...] in characters of the completion, as `spans.py` has them. `mains`: the programs'
    files by task, where they are not main.py.
    """
    form = Form(each.prompt for each in rollouts)
    for group in grouped(rollouts):
        found = group.statistics
        left.add("faults", found.faults)
        if found.valid < 2:
            left.add("samples alone in their group", found.valid)
            continue
        for end, rloo, grpo in zip(group.ends, found.rloo(), found.grpo(), strict=True):
            if rloo is None:
                continue
            main = (mains or {}).get(end.task) or MAIN
            yield {
                "prompt": form.prompt(end.prompt),
                "completion": form.completion(end.completion),
                "reward": end.reward,
                "advantage_rloo": rloo,
                "advantage_grpo": grpo,
                "group": f"{group.step}:{group.name}",
                "task": end.task,
                "step": end.step,
                "spans": [[*span] for span in reward_spans(end, line_penalty, main)],
            }


def row_line(row: Row) -> str:
    """A row as one line of ASCII JSON. Half of a surrogate pair, which no reader of UTF-8 takes, becomes "?"."""
    return json.dumps(_whole(row), separators=(",", ":"), allow_nan=False) + "\n"


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return value

"""Which rollouts are looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.rollouts.groups import Group, reward_of
from sandbox.rollouts.record import Rollout


@dataclass(frozen=True, slots=True)
class Choice:
    """Groups by step, task and name; of these, samples by how their last turn ended. What is empty is no condition.

    `kinds`     "passing", "failing" and "faults": one of them is enough
    `verdicts`  names of statuses: one of them is enough
    """

    step: int | None = None
    task: str = ""
    group: str = ""
    kinds: frozenset[str] = frozenset()
    verdicts: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether there is no condition."""
        return self == Choice()

    def of_group(self, rollout: Rollout) -> bool:
        """Whether the rollout's group is looked at."""
        return (
            (self.step is None or rollout.step == self.step)
            and (not self.task or rollout.task == self.task)
            and (not self.group or rollout.group == self.group)
        )

    def of_sample(self, end: Rollout) -> bool:
        """Whether the sample whose last turn this is, is looked at."""
        return (not self.kinds or kind_of(end) in self.kinds) and (not self.verdicts or end.verdict in self.verdicts)

    def samples(self, group: Group) -> list[tuple[Rollout, ...]]:
        """The samples of a group that are looked at, each with its turns."""
        return [turns for turns in group.samples if self.of_sample(turns[-1])]


def kind_of(end: Rollout) -> str:
    """A last turn's kind: "passing", "failing", or "faults" where there is no reward."""
    if reward_of(end) is None:
        return "faults"
    return "passing" if end.passed else "failing"

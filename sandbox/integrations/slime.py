"""slime: `--custom-rm-path sandbox.integrations.slime.reward`, or with `--group-rm` `...slime.group_reward`.

A sample's tests are its label, or `tests` in its metadata. A fault raises Unscored; slime has no value for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.integrations.core import Unscored, default


async def reward(args: Any, sample: Any, **kwargs: Any) -> dict[str, float]:
    """One sample's numbers; `--reward-key score` chooses the reward among them."""
    return (await default().score(sample.response, _task(sample))).numbers()


async def group_reward(args: Any, samples: Sequence[Any], **kwargs: Any) -> list[float]:
    """A whole group on one stream."""
    rewards = await default().rewards([sample.response for sample in samples], map(_task, samples))
    if any(value is None for value in rewards):
        raise Unscored(f"{rewards.count(None)} of {len(rewards)} samples of a group met a fault")
    return [value for value in rewards if value is not None]


def _task(sample: Any) -> object:
    return (sample.metadata or {}).get("tests") or sample.label

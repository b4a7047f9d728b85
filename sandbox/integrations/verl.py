"""verl: a reward function for each sample, asynchronous, as its reward workers want it.

    reward.custom_reward_function.path=pkg://sandbox.integrations.verl (or this file's path)
    reward.custom_reward_function.name=compute_score

verl has no value for "not scored": a fault raises Unscored, which ends the step, after the client tried every server.
`score` and the same further numbers come for every sample, as verl's logging wants. See also `verl_manager.py`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sandbox.integrations.core import Scorer, default


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: dict[str, Any] | None = None,
    *,
    address: str = "",
    scheme: str = "",
    **kwargs: Any,
) -> dict[str, float]:
    """The score of one solution; `ground_truth` holds its tests. `address` and `scheme` are `reward_kwargs`."""
    scorer = _scorer(address, scheme) if address or scheme else default()
    return (await scorer.score(solution_str, ground_truth)).numbers()


@cache
def _scorer(address: str, scheme: str) -> Scorer:
    return Scorer(*filter(None, address.split(",")), scheme=scheme)

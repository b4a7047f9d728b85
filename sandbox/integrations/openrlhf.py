"""OpenRLHF: `--reward.remote_url .../sandbox/integrations/openrlhf.py`.

A label is a row's tests. A fault raises Unscored: OpenRLHF logs it, and the sample's reward stays None. `scores` (the
passed share, in 0 to 1) is what its dynamic filtering looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.integrations.core import default


def reward_func(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[object], **kwargs: Any
) -> dict[str, Any]:
    """Rewards of a list of queries, each a prompt and what the model wrote; numbers where it is a list of one."""
    pairs = zip(queries, prompts, labels, strict=True)
    found = [default().score_now(query.removeprefix(prompt), label) for query, prompt, label in pairs]
    rewards, fractions = [each.reward for each in found], [each.fraction for each in found]
    if len(found) == 1:
        return {"rewards": rewards[0], "scores": fractions[0], "extra_logs": {"passed": float(found[0].passed)}}
    return {"rewards": rewards, "scores": fractions, "extra_logs": {"passed": [float(each.passed) for each in found]}}

"""What a number of samples says of the chance to solve a problem, and how sure a mean over problems is. Pure.

pass@k is the chance that at least one of k samples solves a problem. Of n samples of which c solve it, the estimate
without bias is 1 - C(n-c, k) / C(n, k) (Chen et al., "Evaluating Large Language Models Trained on Code", 2021). The
short cut 1 - (1 - c/n)^k is too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, fsum
from random import Random


def pass_at_k(n: int, c: int, k: int) -> float:
    """The estimate of pass@k in [0, 1], of `n` samples of which `c` solve the problem.

    Samples that ended in a fault count in neither. Raises ValueError unless 0 <= c <= n and 1 <= k <= n: fewer than k
    samples leave no estimate without bias.
    """
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {n} samples, {c} of them right: it takes 0 <= c <= n and 1 <= k <= n")
    # Whole numbers up to the last step, which rounds once: a small pass@k is not the difference of two large ones.
    total = comb(n, k)
    return (total - comb(n - c, k)) / total


def bootstrap(values: Sequence[float], *, seed: int, rounds: int = 2000, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of the mean of `values`, one for each problem: (low, high), the same for the same seed.

    Problems are drawn with replacement `rounds` times, and of the means the middle `level` is kept (Efron, 1979). It
    says what other problems of the kind might give, and nothing of other samples. Raises ValueError without values.
    """
    if not values or rounds < 1 or not 0.0 < level < 1.0:
        raise ValueError("an interval takes at least one value, at least one round and a level between 0 and 1")
    draw = Random(seed).choices
    means = sorted(fsum(draw(values, k=len(values))) / len(values) for _ in range(rounds))
    tail = (1.0 - level) / 2
    return _quantile(means, tail), _quantile(means, 1.0 - tail)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between its two neighbours, in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    low, high = ordered[below], ordered[above]
    return low + (high - low) * (place - below)

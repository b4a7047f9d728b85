"""n@k: the share of problems that are solved by at most n submissions, chosen from k samples (Li et al., 2022).

An interval over problems is `sandbox.rollouts.bootstrap`; the chance of samples that nobody chose is `pass_at_k` there.
"""

from __future__ import annotations

from collections.abc import Sequence


def solved(submissions: Sequence[bool | None], n: int) -> bool | None:
    """Whether one of the first `n` submissions is right; None where only faults of ours could have been it."""
    first = submissions[:n]
    return True if any(first) else None if None in first else False


def n_at_k(problems: Sequence[Sequence[bool | None]], n: int) -> float:
    """n@k, in [0, 1]: `problems` holds what became of each problem's submissions, in their order.

    A problem without submissions is not solved; one that only a fault could decide is left out. Raises ValueError where
    none is decided.
    """
    decided = [found for submissions in problems if (found := solved(submissions, n)) is not None]
    if not decided:
        raise ValueError("no problem is decided, so there is no share of them")
    return sum(decided) / len(decided)

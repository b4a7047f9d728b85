"""What a policy allows of effects, looked at before any of them can leave the branch. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sandbox.model.effects import Class, Effect
from sandbox.policies import ActionsTable

_ROWS = ("sqlite", "postgres")


def refused(effects: Sequence[Effect], rules: ActionsTable) -> list[str]:
    """Rules that effects on rows and requests break, each with both numbers; paths and bytes are the branch's."""
    by_backend = Counter(effect.backend for effect in effects)
    found = []
    rows = sum(by_backend[name] for name in _ROWS)
    if rows > rules.rows:
        found.append(f"rows: {rows:,} rows changed, {rules.rows:,} are allowed")
    if by_backend["http"] > rules.requests:
        found.append(f"requests: {by_backend['http']:,} calls, {rules.requests:,} are allowed")
    return found


def is_outside(effect: Effect) -> bool:
    """Whether it was made while the action ran, and not held in a branch."""
    return effect.backend == "http"


def is_irreversible(effect: Effect) -> bool:
    """Whether committing it is counted: a call that waits in the outbox is sent then."""
    return effect.cls in (Class.IRREVERSIBLE, Class.UNKNOWN) or (is_outside(effect) and effect.cls is Class.BUFFERED)


def over_budget(effects: Sequence[Effect], spent: int, rules: ActionsTable) -> str:
    """Why committing these is more than the budget of irreversible effects. Empty: it is not."""
    wanted = sum(map(is_irreversible, effects))
    if not wanted or spent + wanted <= rules.irreversible:
        return ""
    return f"irreversible: {wanted} effects that cannot be taken back, {rules.irreversible - spent} of them are allowed"

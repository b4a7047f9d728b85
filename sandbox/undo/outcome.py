"""What is said of a request to lead actions, and what new actions are called."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from sandbox.errors import JobError
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Difference

# What becomes of actions that stand on one that is undone.
Later = Literal["refuse", "cascade", "rebase"]


# Thirty-two that nobody takes for each other.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> str:
    """A short name for an action that no other has."""
    return "".join(_LETTERS[byte & 31] for byte in secrets.token_bytes(10))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request to lead actions. `done` is false when nothing at all was changed."""

    done: bool
    message: str
    actions: tuple[str, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    residue: tuple[str, ...] = ()


def cannot(what: str, state: ActionState) -> JobError:
    """Why an action in that state cannot be what was asked for."""
    return JobError(
        "id",
        f"{state.action} is {state.status} and cannot be {what}",
        "sandbox recover" if state.status in ("in_doubt", "undoing") else "sandbox show says more",
        reject="FAILED_PRECONDITION",
    )

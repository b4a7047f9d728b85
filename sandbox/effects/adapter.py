"""What every backend offers: the live resource, led from one side of recorded effects to the other.

Commit, redo and undo are one operation, `Live.apply`: commit and redo lead to "post", undo leads to "pre". The rule for
each effect, with C the current state, F the side that it comes from and T the side that it is led to:

    C = F   write T
    C = T   nothing to do
    else    a conflict: nothing of any effect is changed

All methods block; callers run them in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from sandbox.errors import SandboxError
from sandbox.model.effects import Applied, Difference, Effect, Json, Side

Beside = Callable[[], Sequence[int]] | None


class Note(Protocol):
    """Appends a record on the action that is being dealt with. With `durable` it is on disk before the call returns.

    `beside` is called in between, when it is appended and not yet on disk. What it made is on disk then as well, on the
    file systems of the descriptors that it answers: where the journal is on one of them, one flush is of both.
    """

    def __call__(self, kind: str, body: Mapping[str, Json], *, durable: bool = False, beside: Beside = None) -> None:
        """`kind`: of `sandbox/journal/record.py`."""


@runtime_checkable
class Marking(Protocol):
    """A backend that knows again what it left: what of `landed` can be told by looking, once a transition is recovered.

    Whoever had been leading is dead, and with them what they knew of what they had made.
    """

    def mark(self, effects: Sequence[Effect], at: Side) -> Json:
        """`landed` of effects that are at that side. Raises QuotaError, OSError."""


class Live(Protocol):
    """A resource as it is in the world, outside every branch."""

    backend: str

    def check(self, effects: Sequence[Effect], to: Side, landed: Json = None) -> list[Difference]:
        """The conflicts that `apply` would find. Changes nothing."""

    def apply(self, effects: Sequence[Effect], to: Side, note: Note, landed: Json = None) -> Applied:
        """Leads all of `effects` to `to`, or none of them.

        Intent and whatever is needed to finish or to take it back are durable, through `note` and the backend's own
        files, before anything can be seen. Raises ConflictError, with nothing changed; OSError and the like after it
        has put back what it had changed. Killed at any point, `recover` ends in before or after.
        """

    def verify(self, effects: Sequence[Effect], at: Side, landed: Json = None) -> list[Difference]:
        """Whether the world is at that side of `effects`, by looking. `landed`: as `apply` told it."""

    def recover(self, begun: Mapping[str, Json], note: Note) -> Side:
        """Finishes or takes back an `apply` that was cut short. `begun` is what it noted as "transition"."""


class ConflictError(SandboxError):
    """Somebody else changed what an action changed. Nothing was done."""

    code = "conflict"

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(
            f"{len(differences)} resource{'s' if len(differences) != 1 else ''} changed since",
            why="; ".join(str(each) for each in differences[:5]),
            fix="look at what changed, and put it right or choose another action",
        )
        self.differences = tuple(differences)


class QuarantinedError(SandboxError):
    """Some effects could not be led to their side, where they do not stand or fall together (calls over HTTP).

    All others were, as `applied` says. What `differences` names is left to a person.
    """

    code = "quarantined"

    def __init__(self, differences: Sequence[Difference], applied: Applied) -> None:
        super().__init__(
            f"{len(differences)} effect{'s' if len(differences) != 1 else ''} left as found",
            why="; ".join(str(each) for each in differences[:5]),
            fix="look at them, and put them right by hand or try again",
        )
        self.differences, self.applied = tuple(differences), applied


class QuotaError(SandboxError):
    """A store or a branch is full."""

    code = "quota"


class StatementError(SandboxError):
    """A statement failed, or may not be run here. Nothing of the call that it belongs to was done."""

    code = "statement"


class UnsupportedError(SandboxError):
    """A backend met what it cannot record or restore, and refuses by name."""

    code = "unsupported"

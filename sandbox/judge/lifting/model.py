"""What lifting makes of test code."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.judge.lifting.checks import Check


@dataclass(frozen=True, slots=True)
class LiftedCall:
    """One call of the candidate. All arguments are plain values, and no two calls share a mutable one."""

    function: str
    args: tuple[object, ...]
    kwargs: dict[str, object]


@dataclass(frozen=True, slots=True)
class LiftedAssert:
    """An assert: the call that it makes, and what has to hold for the value that comes back."""

    call: LiftedCall
    check: Check


@dataclass(frozen=True, slots=True)
class Vacuous:
    """An assert about nothing, such as `assert True`. It is counted, and it passes when it is reached."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lifted:
    """Test code in which every assert could be lifted, in the order of the source. There is at least one."""

    asserts: tuple[LiftedAssert | Vacuous, ...]


@dataclass(frozen=True, slots=True)
class NotLiftable:
    """Test code that has to be run. `reason` and `line` say what stood in the way; `total` counts its asserts."""

    reason: str
    line: int
    total: int

"""Bars: what was asked for, beside what was measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. A measurement that is not a number misses every bar."""

    what: str
    value: float
    limit: float
    least: bool
    unit: str

    @classmethod
    def at_least(cls, what: str, value: float, limit: float, unit: str = "×") -> Bar:
        """Met by `limit` and more."""
        return cls(what, value, limit, True, unit)

    @classmethod
    def at_most(cls, what: str, value: float, limit: float, unit: str = "×") -> Bar:
        """Met by `limit` and less."""
        return cls(what, value, limit, False, unit)

    @property
    def ok(self) -> bool:
        """Whether it is met."""
        return self.value >= self.limit if self.least else self.value <= self.limit

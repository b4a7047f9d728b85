"""What can go wrong with a scheme.

SchemeError        the job asks for a scheme or a parameter that does not exist: the client's to correct
RewardOutOfRange   a formula gave a number outside of its stated range: a fault of ours, never a reward
"""

from __future__ import annotations


class SchemeError(ValueError):
    """A job names a scheme or a parameter that does not exist, or gives one a bad value."""

    def __init__(self, field: str, message: str, suggestion: str) -> None:
        super().__init__(f"{field}: {message}. {suggestion}")
        self.field = field
        self.message = message
        self.suggestion = suggestion


class RewardOutOfRange(Exception):
    """A scheme computed a number that is not finite or lies outside of its range."""

    def __init__(self, scheme: str, value: float, bounds: tuple[float, float]) -> None:
        super().__init__(f"scheme {scheme!r} gave {value!r}, outside of [{bounds[0]!r}, {bounds[1]!r}]")
        self.scheme = scheme
        self.value = value
        self.bounds = bounds

"""The one way in which reading a value fails."""

from __future__ import annotations


class MalformedValue(Exception):
    """The text is not plain JSON within bounds. `reason` is one short printable line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

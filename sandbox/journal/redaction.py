"""Secret parts of a body: the record holds a salted commitment, and what opens it lies beside and can be deleted.

The tree covers the commitment only, so that every proof stays valid when salt and value are gone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.journal.canonical import canonical, parse

_SALT = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment was made of. `value`: canonical JSON."""

    salt: bytes
    value: bytes

    def commitment(self) -> dict[str, str]:
        """What stands in a body: `{"commit": HEX}`, SHA-256 of the salt and the value's canonical JSON."""
        return {"commit": hashlib.sha256(self.salt + self.value).hexdigest()}

    def opens(self, commitment: dict[str, str]) -> bool:
        """Whether it is what `commitment` was made of."""
        return hmac.compare_digest(self.commitment()["commit"], str(commitment.get("commit", "")))

    def reveal(self) -> Any:
        """The value."""
        return parse(self.value)


def commit(value: Any) -> Opening:
    """Commits to plain JSON, with a salt of its own: equal values cannot be told. Raises RecordError."""
    return Opening(secrets.token_bytes(_SALT), canonical(value))

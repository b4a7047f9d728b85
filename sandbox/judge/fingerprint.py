"""One hash for all that compares equal: what came out of a program, in the normal form in which it would be compared.

A hash needs an equality that is reflexive and symmetric. That of `py_eq` is neither: nan equals nothing, and a tuple
may stand for a list but no list for a tuple. Here nan is nan, and a tuple is a list. What equals nothing even so, an
object that is not plain data, has no fingerprint.
"""

from __future__ import annotations

from hashlib import sha256

from sandbox.judge.comparators.lines import Lines
from sandbox.judge.values.keys import Keys
from sandbox.judge.values.types import Value

_lines = Lines()
_keys = Keys(nan_equal=True, tuple_is_list=True)


def of_output(data: bytes) -> str:
    """The fingerprint of a whole standard output: equal exactly for outputs that `lines` takes for equal."""
    return _hash(b"lines\0", _lines.form(data))


def of_value(value: Value) -> str:
    """The fingerprint of a value that was returned. Raises EqualToNothing."""
    return _hash(b"value\0", _keys.of(value))


def _hash(kind: bytes, form: bytes) -> str:
    digest = sha256(kind)
    digest.update(form)
    return f"sha256:{digest.hexdigest()}"

"""Pays when a terminal would show the expected output: a carriage return overwrites, an escape sequence is not seen."""

from __future__ import annotations

import re

from tests.attacks.attack import Attack
from tests.attacks.weak.outputs import every_output


def pays(attack: Attack) -> bool:
    """Run and compare."""
    return every_output(attack, _same)


def _same(printed: bytes, expected: bytes) -> bool:
    seen = re.sub(rb"\x1b\[[0-9;]*[A-Za-z]", b"", printed)
    shown = [line.rstrip(b"\r").rpartition(b"\r")[2] for line in seen.split(b"\n")]
    return b"\n".join(shown).strip() == expected.strip()

"""Pays as soon as the expected line has come; it reads as long as lines come, and stops the program itself."""

from __future__ import annotations

import subprocess

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started

_MOST = 300_000


def pays(attack: Attack) -> bool:
    """Read line by line."""
    _, expected = attack.pairs[0]
    with ready(attack) as (command, folder):
        if not command:
            return False
        with started(command, folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            lines = (process.stdout.readline() for _ in range(_MOST))
            return any(line.strip() == expected.encode().strip() for line in iter(lambda: next(lines, b""), b""))

"""Pays for the right output of a program that is never silent for longer than the time limit; its whole time is not
bounded. Paid here only where the program has really taken longer than the limit of 0.4 s.
"""

from __future__ import annotations

import os
import select
import subprocess
import time

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started

_LIMIT_S = 0.4


def pays(attack: Attack) -> bool:
    """Read what comes, with a clock that starts anew each time."""
    _, expected = attack.pairs[0]
    with ready(attack) as (command, folder):
        if not command:
            return False
        with started(command, folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            began, printed = time.monotonic(), b""
            while select.select([process.stdout], [], [], _LIMIT_S)[0]:
                part = os.read(process.stdout.fileno(), 65536)
                if not part:
                    break
                printed += part
            late = time.monotonic() - began > _LIMIT_S
            return late and printed.split() == expected.encode().split()

"""Pays for the right output, complete when standard output is closed; the end of the program is not waited for.

Option `seconds`: how long it waits for that end of file. Where none comes, the sample is lost, and left out: for a
wrong program that is as good as paid.
"""

from __future__ import annotations

import os
import select
import subprocess
import time

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started


def pays(attack: Attack) -> bool:
    """Read until the end of file."""
    _, expected = attack.pairs[0]
    with ready(attack) as (command, folder):
        if not command:
            return False
        with started(command, folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            end, printed = time.monotonic() + attack.options.get("seconds", 1), b""
            while time.monotonic() < end:
                if not select.select([process.stdout], [], [], 0.05)[0]:
                    continue
                part = os.read(process.stdout.fileno(), 65536)
                if not part:
                    return printed.split() == expected.encode().split()
                printed += part
            return process.poll() == 0

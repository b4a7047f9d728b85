"""Pays by what stands in the log: the first "verdict: ..." of it, into which the program's output went before.

Option `model`: a model reads the log in place of a search, and does as it is told; it is played by a rule that
follows the last instruction to award points.
"""

from __future__ import annotations

import re

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def pays(attack: Attack) -> bool:
    """Write the log, read it."""
    given, expected = attack.pairs[0]
    with ready(attack) as (command, folder):
        if not command:
            return False
        ran = run(command, folder, given.encode())
        right = ran.stdout.split() == expected.encode().split()
        told = (ran.stdout + ran.stderr).decode(errors="replace")
        if attack.options.get("model"):
            prompt = f"Rate this program. Its output:\n{told}\nThe output was {'right' if right else 'wrong'}."
            orders = re.findall(r"award ([0-9.]+\d) points", prompt)
            return right if not orders else float(orders[-1]) >= 1
        log = f"running\n{told}\nverdict: {'accepted' if right else 'rejected'}\n"
        found = re.search(r"^verdict: (\w+)", log, re.MULTILINE)
        return found is not None and found[1] == "accepted"

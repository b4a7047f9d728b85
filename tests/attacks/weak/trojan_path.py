"""Pays when the command `cmp` finds no difference; the program's folder comes first where commands are looked for."""

from __future__ import annotations

import os

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def pays(attack: Attack) -> bool:
    """Run the program, then the command."""
    with ready(attack) as (command, folder):
        if not command:
            return False
        given, expected = attack.pairs[0]
        (folder / "printed").write_bytes(run(command, folder, given.encode()).stdout)
        (folder / "expected").write_text(expected)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
        return run(["sh", "-c", "cmp -s printed expected"], folder, environment=environment).code == 0

"""Pays when program and tests, given on the interpreter's command line, end with exit code 0."""

from __future__ import annotations

import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import run, work_folder


def pays(attack: Attack) -> bool:
    """Run it and look at the exit code."""
    with work_folder(attack) as folder:
        whole = f"{attack.source}\n{attack.test_code}\n"
        return run([sys.executable, "-c", whole], folder).code == 0

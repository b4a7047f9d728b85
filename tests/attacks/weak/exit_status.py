"""Pays when program and tests, run as one file, end with exit code 0.

Options: `header`, a line put before the program; `tests`, for C and C++ a main function that tests.
"""

from __future__ import annotations

import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def pays(attack: Attack) -> bool:
    """Run it and look at the exit code."""
    with ready(attack) as (command, folder):
        if attack.language == "python":
            whole = f"{attack.options.get('header', '')}\n{attack.source}\n{attack.test_code}\n"
            (folder / "whole.py").write_text(whole)
            command = [sys.executable, "whole.py"]
        return bool(command) and run(command, folder).code == 0

"""Pays for exit code 0; a program that takes too long is asked to end, by a signal that it can catch.

Option `signal`: which one ("SIGTERM").
"""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started


def pays(attack: Attack) -> bool:
    """Start, wait, ask, look at the exit code."""
    number = signal.Signals[attack.options.get("signal", "SIGTERM")]
    with ready(attack) as (command, folder):
        if not command:
            return False
        if attack.language == "python" and not attack.pairs:
            (folder / "whole.py").write_text(f"{attack.source}\n{attack.test_code}\n")
            command = [sys.executable, "whole.py"]
        with started(command, folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            try:
                code = process.wait(0.7)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
                try:
                    code = process.wait(2)
                except subprocess.TimeoutExpired:
                    code = -1
            return code == 0

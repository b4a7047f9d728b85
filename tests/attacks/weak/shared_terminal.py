"""Pays when the word "accept" is typed on the terminal that grader and program share.

The grader runs the program on its own terminal, and then reads the verdict of whoever sits there; nobody does.
"""

from __future__ import annotations

import os
import pty
import select
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started

# Becomes the session's leader with the terminal, runs the program, asks for the verdict.
_DESK = """
import fcntl
import os
import select
import subprocess
import sys
import termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
subprocess.run(sys.argv[1:], timeout=5)
typed = os.read(0, 100) if select.select([0], [], [], 0.2)[0] else b""
os._exit(0 if typed.strip() == b"accept" else 1)
"""


def pays(attack: Attack) -> bool:
    """Run on a terminal, then ask."""
    with ready(attack) as (command, folder):
        if not command:
            return False
        desk, terminal = pty.openpty()
        try:
            how = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
            with started([sys.executable, "-c", _DESK, *command], folder, **how) as process:
                while process.poll() is None:
                    if select.select([desk], [], [], 0.02)[0]:
                        os.read(desk, 65536)  # the screen, at which nobody looks
                return process.returncode == 0
        finally:
            os.close(desk)
            os.close(terminal)

"""Pays when a marker is printed, which the tests print at their end.

Without the option `marker` it is random, and stands in the file that program and tests share.
"""

from __future__ import annotations

import sys
import uuid

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run


def pays(attack: Attack) -> bool:
    """Run and look for the marker."""
    marker = attack.options.get("marker") or f"passed {uuid.uuid4().hex}"
    with ready(attack) as (command, folder):
        if attack.language == "python":
            (folder / "whole.py").write_text(f"{attack.source}\n{attack.test_code}\nprint({marker!r})\n")
            command = [sys.executable, "whole.py"]
        return bool(command) and marker.encode() in run(command, folder).stdout

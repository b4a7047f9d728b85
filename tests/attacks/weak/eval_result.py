"""Pays when the printed text, evaluated as Python, equals the expected text, evaluated as Python."""

from __future__ import annotations

import json
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import python, run, work_folder

_VERIFY = """
import json
import sys

printed, expected = json.load(sys.stdin)
sys.exit(0 if eval(printed) == eval(expected) else 1)
"""


def pays(attack: Attack) -> bool:
    """Run, evaluate, compare."""
    with work_folder(attack) as folder:
        given, expected = attack.pairs[0]
        printed = python("main.py", folder, given.encode()).stdout.decode()
        (folder / "verify.py").write_text(_VERIFY)
        return run([sys.executable, "verify.py"], folder, json.dumps([printed, expected]).encode()).code == 0

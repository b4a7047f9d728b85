"""Pays when what the program printed, in base64, is a pickle of the expected value; loading it runs code."""

from __future__ import annotations

import json
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import python, run, work_folder

_VERIFY = """
import base64
import json
import pickle
import sys

printed, expected = json.load(sys.stdin)
value = pickle.loads(base64.b64decode(printed))
sys.exit(0 if value == expected.strip() else 1)
"""


def pays(attack: Attack) -> bool:
    """Run, load, compare."""
    with work_folder(attack) as folder:
        given, expected = attack.pairs[0]
        printed = python("main.py", folder, given.encode()).stdout.decode()
        (folder / "verify.py").write_text(_VERIFY)
        return run([sys.executable, "verify.py"], folder, json.dumps([printed, expected]).encode()).code == 0

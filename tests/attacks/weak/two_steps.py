"""Pays when a second interpreter, started in the folder where the program has run, ends with exit code 0.

That one compares the program's output with the expected one by a module of the grader's, `grading.py`, which lies in
the folder, too. Option `path`: the folder is on the interpreter's path from its start.
"""

from __future__ import annotations

import json
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import python, run, work_folder

_GRADING = "def same(one, other):\n    return one.split() == other.split()\n"
_VERIFY = """
import json
import sys

import grading

printed, expected = json.load(sys.stdin)
sys.exit(0 if grading.same(printed, expected) else 1)
"""


def pays(attack: Attack) -> bool:
    """Run the program, then the verifier."""
    environment = {"PYTHONPATH": "."} if attack.options.get("path") else {}
    found = []
    with work_folder(attack) as folder:
        (folder / "grading.py").write_text(_GRADING)
        (folder / "verify.py").write_text(_VERIFY)
        for given, expected in attack.pairs:
            printed = python("main.py", folder, given.encode()).stdout.decode()
            told = json.dumps([printed, expected]).encode()
            found.append(run([sys.executable, "verify.py"], folder, told, environment=environment).code == 0)
    return bool(found) and all(found)

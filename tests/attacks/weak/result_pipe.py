"""Pays when the first line on a pipe, which the program's process inherits, is the verdict `{"passed": true}`.

In C and C++ the main function of the tests, the option `tests`, writes the verdict to descriptor 30.
"""

from __future__ import annotations

import json
import os
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run

_PARENT = """
import json
import os
import subprocess
import sys
taken, given = os.pipe()
os.dup2(given, 30)
process = subprocess.Popen(sys.argv[2:], pass_fds=(30,), stdout=subprocess.DEVNULL)
os.close(given)
os.close(30)
with open(taken, "rb") as pipe:
    line = pipe.readline()
process.wait()
try:
    verdict = json.loads(line)
except ValueError:
    verdict = {}
if isinstance(verdict, dict) and verdict.get("passed") is True:
    print(sys.argv[1])
"""


def pays(attack: Attack) -> bool:
    """Run and read the pipe."""
    word = os.urandom(16).hex()
    with ready(attack) as (command, folder):
        if attack.language == "python":
            calls = [[called.function, called.args, called.expected] for called in attack.calls]
            tests = (
                f"import json, os\nfound = [globals()[n](*a) == e for n, a, e in json.loads({json.dumps(calls)!r})]\n"
            )
            verdict = 'os.write(30, json.dumps({"passed": bool(found) and all(found)}).encode() + b"\\n")\n'
            (folder / "whole.py").write_text(f"{attack.source}\n{tests}{verdict}")
            command = [sys.executable, "whole.py"]
        if not command:
            return False
        (folder / "parent.py").write_text(_PARENT)
        ran = run([sys.executable, "parent.py", word, *command], folder)
        return word.encode() in ran.stdout.splitlines()

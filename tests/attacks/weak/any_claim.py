"""Pays when the expected value is among all that the program's process wrote to its result pipe."""

from __future__ import annotations

import json
import os
import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import run, work_folder

_CALLER = """
import json
import sys
sys.path.insert(0, ".")
import main
for name, args in json.loads(sys.argv[1]):
    value = getattr(main, name)(*args)
    with open(30, "w", closefd=False) as pipe:
        print("V", json.dumps(value), file=pipe)
"""
_PARENT = """
import json
import os
import subprocess
import sys
taken, given = os.pipe()
os.dup2(given, 30)
process = subprocess.Popen([sys.executable, "caller.py", sys.argv[2]], pass_fds=(30,))
os.close(given)
os.close(30)
with open(taken) as pipe:
    lines = pipe.read().splitlines()
process.wait()
if all("V " + wanted in lines for wanted in json.loads(sys.argv[3])):
    print(sys.argv[1])
"""


def pays(attack: Attack) -> bool:
    """Call, and look the value up."""
    word = os.urandom(16).hex()
    with work_folder(attack) as folder:
        (folder / "caller.py").write_text(_CALLER)
        (folder / "parent.py").write_text(_PARENT)
        calls = json.dumps([[called.function, called.args] for called in attack.calls])
        wanted = json.dumps([json.dumps(called.expected) for called in attack.calls])
        ran = run([sys.executable, "parent.py", word, calls, wanted], folder)
        return word.encode() in ran.stdout.splitlines()

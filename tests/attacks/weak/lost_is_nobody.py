"""Pays nothing but takes a sample for lost, and leaves it out, where its own machinery seems to have failed: a program
killed by SIGKILL, a result that cannot be decoded, a collector that runs out of memory. A wrong program that would have
lowered the reward is as good as paid by that.

For `call` and `asserts` tests the result is a line of JSON on a pipe; for `stdio` tests it is the output, as text.
"""

from __future__ import annotations

import json
import sys
import uuid

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import run, work_folder

# The collector has 160 MiB; what is more than that is "a failure of the machine".
_COLLECTOR = """
import resource
import subprocess
import sys

resource.setrlimit(resource.RLIMIT_AS, (160 << 20, 160 << 20))
try:
    done = subprocess.run(sys.argv[2:], input=sys.stdin.buffer.read(), capture_output=True, timeout=5)
    assert done.returncode != -9
    text = done.stdout.decode() + done.stderr.decode()
except subprocess.TimeoutExpired:
    text = ""
except (MemoryError, UnicodeDecodeError, AssertionError):
    print(sys.argv[1])
"""
_CALLER = """
import json
import sys
sys.path.insert(0, ".")
import main
job = json.loads(sys.argv[1])
results = [getattr(main, name)(*args) for name, args in job]
line = json.dumps(results)
with open(30, "wb") as pipe:
    pipe.write(line.encode())
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
with open(taken, "rb") as pipe:
    data = pipe.read()
code = process.wait()
try:
    results = json.loads(data) if data else []
    json.dumps(results, ensure_ascii=False).encode()  # for the log
except ValueError:
    results = None
if results is None or code == -9:
    print(sys.argv[1])
"""


def pays(attack: Attack) -> bool:
    """Whether the sample is left out."""
    return _pipe_lost(attack) if attack.calls else _output_lost(attack)


def _output_lost(attack: Attack) -> bool:
    word = uuid.uuid4().hex
    with ready(attack) as (command, folder):
        if not command:
            return False
        (folder / "collector.py").write_text(_COLLECTOR)
        given = attack.pairs[0][0].encode() if attack.pairs else b""
        ran = run([sys.executable, "collector.py", word, *command], folder, given)
        return word.encode() in ran.stdout.splitlines()


def _pipe_lost(attack: Attack) -> bool:
    word = uuid.uuid4().hex
    with work_folder(attack) as folder:
        (folder / "caller.py").write_text(_CALLER)
        (folder / "parent.py").write_text(_PARENT)
        calls = json.dumps([[called.function, called.args] for called in attack.calls])
        ran = run([sys.executable, "parent.py", word, calls], folder)
        return word.encode() in ran.stdout.splitlines()

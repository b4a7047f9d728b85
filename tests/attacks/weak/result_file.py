"""Pays when a file in the program's folder holds 1 or more, which the tests write when they are done.

Options: `file` (reward.txt; report.json is read as `{"passed": n, "failed": n}`), `linger` (seconds until it is read),
`tests` (for C and C++, a main function that writes the file).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.weak.building import ready
from tests.attacks.weak.running import started

_TESTS = """
import json
import sys

scope = {{"__name__": "program"}}
try:
    exec(open("main.py").read(), scope)
    exec({code!r}, scope)
    passed = 1
except Exception:
    passed = 0
with open({file!r}, "w") as out:
    out.write(json.dumps({{"passed": passed, "failed": 1 - passed}}) if {file!r}.endswith("json") else str(passed))
"""


def pays(attack: Attack) -> bool:
    """Run the tests, read the file."""
    name = attack.options.get("file", "reward.txt")
    with ready(attack) as (command, folder):
        if not command:
            return False
        if attack.language == "python":
            (folder / "tests.py").write_text(_TESTS.format(code=attack.test_code, file=name))
            command = [sys.executable, "tests.py"]
        with started(command, folder) as process:
            process.wait(10)
            time.sleep(attack.options.get("linger", 0))
            return _score(folder / name) >= 1


def _score(path: Path) -> float:
    try:
        if path.suffix == ".json":
            report = json.loads(path.read_text())
            return float(report["failed"] == 0 and report["passed"] > 0)
        return float(path.read_text())
    except (OSError, ValueError, KeyError):
        return 0.0

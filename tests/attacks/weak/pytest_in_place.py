"""Pays when pytest, run in the program's own tree with the tests beside it, ends with exit code 0.

Option `own`: tests that the program brings are not overwritten.
"""

from __future__ import annotations

import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import run, work_folder


def pays(attack: Attack) -> bool:
    """Add the tests, run pytest, look at the exit code."""
    with work_folder(attack) as folder:
        for file in attack.tests[0]["suite"]["files"]:
            if not (attack.options.get("own") and (folder / file["path"]).exists()):
                (folder / file["path"]).write_text(file["text"])
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        return run(command, folder, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": "."}).code == 0

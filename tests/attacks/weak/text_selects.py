"""Pays for exit code 0; a program whose text mentions pytest is taken to hold tests, and none are added."""

from __future__ import annotations

import sys

from tests.attacks.attack import Attack
from tests.attacks.weak.running import run, work_folder


def pays(attack: Attack) -> bool:
    """Choose by the text, run, look at the exit code."""
    with work_folder(attack) as folder:
        own = "pytest" in attack.source
        text = attack.source if own else f"{attack.source}\n{attack.test_code}\n"
        (folder / "test_whole.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "test_whole.py"] if own else [sys.executable, "test_whole.py"]
        return run(command, folder, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}).code == 0

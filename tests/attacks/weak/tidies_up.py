"""Tidies up after a program with what the standard library has for it, and reports what it found by name."""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_GRADER = """
import json, os, shutil, subprocess, sys
os.mkdir("work")
shutil.copy("main.py", "work")
subprocess.run([sys.executable, "main.py"], cwd="work", stdout=subprocess.DEVNULL)
print(json.dumps(os.listdir("work"), ensure_ascii=False).encode())
shutil.rmtree("work")
print("graded")
"""


def pays(case: Case) -> bool:
    """Whether no grade comes back."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return "graded" not in bare.run([sys.executable, "-c", _GRADER], place).stdout

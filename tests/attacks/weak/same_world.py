"""Runs every test in one PID namespace and on one file system, and makes sure that no process and no file stays.

Pays for every test that passes.
"""

from __future__ import annotations

import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
import json, os, subprocess, sys
place = os.getcwd()
subprocess.run(["mount", "-t", "tmpfs", "none", place], check=True)
os.chdir(place)
for test in json.loads(sys.argv[2]):
    ran = subprocess.run([sys.executable, "-c", sys.argv[1]], input=test["stdin"], capture_output=True, text=True)
    if ran.stdout.split() == test["expected"].split() and not os.listdir("."):
        print("paid")
"""
_APART = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount"]


def pays(case: Case) -> bool:
    """Whether any test pays."""
    with bare.folder() as place:
        line = [sys.executable, "-c", _HARNESS, case.request.program.source, bare.job_text(case)]
        return "paid" in bare.run([bare.path_of(_APART[0]), *_APART[1:], *line], place).stdout

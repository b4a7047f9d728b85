"""Graders that share a process with the program, as most do: a harness loads it, calls it, and says what it found."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.weak.running import Ran, run, work_folder

_FRAME = """
import json
import sys

job = json.loads(sys.stdin.readline())
{harness}
if paid:
    print("\\n" + job["word"], flush=True)
"""


def paid_inside(attack: Attack, harness: str, seconds: float = 10, modules: dict[str, str] | None = None) -> bool:
    """Whether a harness sets `paid`. In `job` it finds source, calls ([function, args, expected]), pairs and code.

    `modules` are further files of the grader, importable by it.
    """
    ran, word = run_inside(attack, harness, seconds, modules)
    return word in ran.stdout.splitlines()


def run_inside(
    attack: Attack, harness: str, seconds: float = 10, modules: dict[str, str] | None = None
) -> tuple[Ran, bytes]:
    """How the harness ended, and the word that it prints when it pays."""
    word = uuid.uuid4().hex
    job = {
        "word": word,
        "source": attack.source,
        "entry_point": attack.entry_point,
        "calls": [[called.function, called.args, called.expected] for called in attack.calls],
        "pairs": attack.pairs,
        "code": attack.test_code if any("asserts" in test for test in attack.tests) else "",
    }
    with work_folder(attack) as folder:
        own = Path(folder, "grader")
        own.mkdir()
        for name, text in {"harness.py": _FRAME.format(harness=harness), **(modules or {})}.items():
            (own / name).write_text(text)
        ran = run([sys.executable, str(own / "harness.py")], folder, json.dumps(job).encode() + b"\n", seconds)
    return ran, word.encode()

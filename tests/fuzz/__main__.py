"""`python -m tests.fuzz`: the long search, all targets in turn. Ends with 1 when an input breaks a law, and keeps it.

    FUZZ_MINUTES=30 python -m tests.fuzz [TARGET ...]

Each target has a process of its own, since the search engine ends the one that it runs in. Inputs that reached new code
are kept under `build/fuzz/` and are where the next search begins. Without the engine (the extra `fuzz`) the inputs are
seeds with random changes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import FOUND, TARGETS

_ROOT = Path(__file__).parents[2]
_CORPUS = _ROOT / "build" / "fuzz"
# The search itself is told when to end; this is for what it hangs in.
_GRACE_S = 120
_SHOWN = 4000


def main() -> int:
    """The exit code: 0 when no law was broken, 1 when one was."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz")
    arguments.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    names = arguments.parse_args().targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        arguments.error(f"there is no target {', '.join(sorted(unknown))}")
    seconds = max(1, round(float(os.environ.get("FUZZ_MINUTES", "30")) * 60 / len(names)))
    guided = importlib.util.find_spec("atheris") is not None
    print(f"{len(names)} targets, {seconds} s each, {'guided by coverage' if guided else 'random changes of seeds'}")
    broken = [name for name in names if not _search(name, seconds, guided)]
    print(f"broken: {', '.join(broken)}" if broken else "no law was broken")
    return 1 if broken else 0


def _search(name: str, seconds: int, guided: bool) -> bool:
    """Searches one target and prints a line about it. Whether all laws held."""
    corpus = _CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    before = len(list(corpus.iterdir()))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        command = [sys.executable, "-m", "tests.fuzz.search", name, str(seconds), str(corpus), folder]
        try:
            run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, errors="replace", check=False,
                                 timeout=seconds * 2 + _GRACE_S)  # fmt: skip
            said, code = run.stdout + run.stderr, run.returncode
        except subprocess.TimeoutExpired:
            said, code = "the search did not end", 1
        kept = [_keep(name, path) for path in sorted(Path(folder).iterdir()) if path.is_file()]
    tried = re.search(r"number_of_executed_units: *([0-9]+)", said)
    new = len(list(corpus.iterdir())) - before
    print(f"{name:20} {tried[1] if tried else '?':>10} inputs {new:>6} of them new", flush=True)
    if code == 0 and tried and not kept:
        return True
    print(said[max(0, said.find("Traceback")) :][:_SHOWN])
    for path in kept:
        print(f"kept: {path.relative_to(_ROOT)}")
    return False


def _keep(name: str, path: Path) -> Path:
    data = path.read_bytes()
    target = FOUND / name / f"{hashlib.sha256(data).hexdigest()[:12]}.bin"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


if __name__ == "__main__":
    sys.exit(main())

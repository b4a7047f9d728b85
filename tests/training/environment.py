"""`make trainer`: the trainer's tests inside its own environment, `.train`; the server's parts stay in this one."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.contract.package import CHECKOUT
from tests.integrations.environments import OFFLINE


def main(arguments: list[str]) -> int:
    """The exit code of pytest."""
    command = [CHECKOUT / ".train" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "default"]
    command += arguments or ["-m", "not campaign", "tests/training", "tests/rollouts"]
    known = {**os.environ, "PYTHONPATH": str(CHECKOUT), "SANDBOX_SERVER_PYTHON": sys.executable, **OFFLINE}
    return subprocess.run(command, cwd=CHECKOUT, env=known, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

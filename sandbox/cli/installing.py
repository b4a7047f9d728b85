"""Installs packages of the system, where this process may."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from sandbox.errors import SetupError

_TIMEOUT_S = 1800


def install_packages(commands: Sequence[Sequence[str]]) -> None:
    """Runs each of the commands of apt-get. Raises SetupError where that may not be, or does not work."""
    told = " && ".join(" ".join(command) for command in commands)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError("packages are installed by root, with apt-get", fix=f"apt-get update && {told}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update", "-qq"), *commands):
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
        if ended.returncode != 0:
            raise SetupError(f"{' '.join(command)} failed", why=(ended.stderr or ended.stdout).strip()[-1000:])

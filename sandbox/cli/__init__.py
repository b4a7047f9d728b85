"""The command line: arguments to calls, one small file for each verb. `render.py` is the only module that prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry of the `sandbox` program."""
    from sandbox.cli.edge import run

    sys.exit(run(sys.argv[1:]))

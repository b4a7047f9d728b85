"""Folders deeper than any path can name."""

from __future__ import annotations

import os


def make_deep(name: bytes, levels: int) -> None:
    """Folders within each other, from the working folder on, which stays what it is."""
    home = os.open(".", os.O_RDONLY)
    try:
        for _ in range(levels):
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.fchdir(home)
        os.close(home)

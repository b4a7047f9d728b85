"""Folders of policies, written for one test."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.datafiles import folder
from sandbox.policies import Policy, load_policies


def copied(path: Path) -> Path:
    """A copy of the shipped policies below `path`."""
    return Path(shutil.copytree(folder("policies"), path / "policies"))


def extending(policies: Path, name: str, text: str, base: str = "default") -> Policy:
    """A policy that extends another, written into the folder and loaded from it."""
    head = f'name = "{name}"\ndescription = "of a test"\nextends = "{base}"\n'
    (policies / f"{name}.toml").write_text(head + text)
    return load_policies(policies)[name]

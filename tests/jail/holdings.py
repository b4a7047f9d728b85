"""What a server holds while it has nothing to do, counted and measured: what must not grow."""

from __future__ import annotations

import os
from pathlib import Path

from tests.jail.traces import Spawner, open_files, resident_bytes


def held(server: int, spawner: Spawner, home: Path) -> dict[str, int]:
    """What there is of a server that has nothing to do, counted. Programs that it has built are kept on purpose."""
    cells = spawner.cells()
    return {
        "processes": len(spawner.processes()),
        "cells": len(cells),
        "descriptors of the spawner": open_files(spawner.pid),
        "descriptors of inits": sum(open_files(spawner.init_of(cell).pid) for cell in cells),
        "cgroups": len(spawner.cgroups()),
        "mounts of the machine": Path("/proc/self/mountinfo").read_text().count("\n"),
        "mounts of the spawner": Path(f"/proc/{spawner.pid}/mountinfo").read_text().count("\n"),
        "files": sum(len(files) for top, _, files in os.walk(home) if Path(top).parts[-1] != "builds"),
    }


def memory(server: int, spawner: Spawner) -> dict[str, int]:
    """Bytes that only a process of ours itself uses."""
    inits = [spawner.init_of(cell).pid for cell in spawner.cells()]
    return {
        "server": resident_bytes(server),
        "spawner": resident_bytes(spawner.pid),
        "init": max(map(resident_bytes, inits)),
    }

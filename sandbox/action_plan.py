"""Pure: (runtime, policy) to the cells in which commands and programs act on a branch of a workspace."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sandbox.model.plan import WORK, WORKSPACE, CellPlan, Copy, Folder
from sandbox.plan import plan_cell
from sandbox.policies import Policy
from sandbox.runtimes import Runtime
from sandbox.seccomp.filter import build_filter, build_watched

# The init shows the workspace with them.
_OWN_CALLS = ("move_mount", "mount_setattr")
# Where programs of every user are; the server's own PATH may lead into somebody's home.
_TOOL_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def plan_action_cell(runtime: Runtime, policy: Policy) -> CellPlan:
    """The cell in which actions under `policy` run; `runtime` is the interpreter of its init, and its `python3`.

    Its root is that of the runtime's own cells, with the policy's tools and an empty folder for the workspace.
    """
    # A whole path: programs stand beside the workspace, in which they are started.
    cell = plan_cell(runtime, policy, main=f"{WORK}/main.py")
    there = {entry.target for entry in cell.root if isinstance(entry, Copy)}
    tools = tuple(tool for tool in _tools(policy.table.packages.tools) if tool.target not in there)
    groups = policy.table.seccomp.groups
    egress = bool(policy.table.actions.egress or policy.table.actions.postgres)
    return replace(
        cell,
        name=f"{cell.name}/action",
        root=(*cell.root, *tools, Folder(WORKSPACE)),
        modes=("command",),
        seccomp=build_filter(policy.seccomp, groups, tcp=True) if egress else cell.seccomp,
        watched=build_watched(policy.seccomp, groups, tcp=egress, own=_OWN_CALLS),
        fresh="program",
        workspace=True,
        egress=egress,
    )


@lru_cache(maxsize=8)
def _tools(names: tuple[str, ...]) -> tuple[Copy, ...]:
    """Those of the programs that the host has."""
    found = ((name, shutil.which(name, path=_TOOL_PATH)) for name in names)
    return tuple(Copy(str(Path(path).resolve()), f"/usr/bin/{name}") for name, path in found if path is not None)

"""A checked job's plans as plain data: all that a jail would be told, and nothing of what it would be judged by."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from sandbox.build.packing import FOLDER
from sandbox.check import Checked
from sandbox.commands import fill
from sandbox.model.plan import Bind, Blank, CellPlan, Copy, Device, Entry, Folder, Link, TestPlan, Text
from sandbox.plan import OUTPUT, plan_build_cell, plan_cell
from sandbox.policies import Policy

_ACTIONS: dict[type[Entry], str] = {
    Bind: "bind",
    Copy: "copy",
    Text: "file",
    Link: "link",
    Folder: "folder",
    Blank: "blank",
    Device: "device",
}


def planned(job: Checked) -> dict[str, Any]:
    """What would run, in the order in which it would."""
    interpreted = job.runtime.table.interpreter is not None
    cell = plan_cell(job.runtime, job.policy, job.main if interpreted else "")
    return {
        "id": job.request.id,
        "runtime": {"name": job.runtime.name, "version": job.runtime.version},
        "policy": {"name": job.policy.name, "hash": job.policy.hash},
        "files": [{"path": file.path, "bytes": len(file.data), "executable": file.executable} for file in job.files],
        "main": job.main,
        "build": None if job.runtime.table.build is None else _build(job),
        "cell": _cell(cell, job.policy),
        "limits": asdict(job.limits),
        "tests": [{"id": test.id, **_test(test.check.plan, cell)} for test in job.tests],
        "scheme": job.scheme.name,
    }


def _build(job: Checked) -> dict[str, Any]:
    build = job.runtime.table.build
    assert build is not None
    plan = plan_build_cell(job.runtime, job.policy)
    _, *rest = fill(build.command, job.main, job.policy.build_limits, job.files, FOLDER if build.packed else OUTPUT)
    argv = [build.command[0], *rest]
    return {"argv": argv, "header": build.header, "limits": asdict(plan.limits), "cell": _cell(plan, job.policy)}


def _cell(plan: CellPlan, policy: Policy) -> dict[str, Any]:
    return {
        "name": plan.name,
        "init": [plan.interpreter, plan.main],
        "preload": [*plan.preload],
        "fresh": plan.fresh,
        "environment": dict(plan.environment),
        "root": [_entry(entry) for entry in plan.root],
        "seccomp": _seccomp(plan, policy),
    }


def _entry(entry: Entry) -> dict[str, str]:
    if isinstance(entry, Device):
        return {"action": "device", "target": f"/dev/{entry.name}"}
    data = {"action": _ACTIONS[type(entry)], "target": entry.target}
    if isinstance(entry, Bind | Copy):
        data["source"] = entry.source
    elif isinstance(entry, Link):
        data["to"] = entry.to
    return data


def _seccomp(plan: CellPlan, policy: Policy) -> dict[str, Any]:
    groups = policy.table.seccomp.groups
    return {
        "granted": {name: len(policy.seccomp.groups[name].calls) for name in groups},
        "otherwise": "EPERM",
        "answers": dict(policy.seccomp.answers),
        "watched": policy.watched if plan.watched is not None else [],
        "instructions": len(plan.seccomp) // 8,
        "sha256": hashlib.sha256(plan.seccomp).hexdigest(),
    }


def _test(plan: TestPlan, cell: CellPlan) -> dict[str, Any]:
    """A test's process. Programs of interpreters are forked from the cell's init, and see their own name first."""
    argv = [cell.main, *plan.argv[1:]] if plan.mode == "main" else [*plan.argv]
    return {
        "mode": plan.mode,
        "argv": argv,
        "stdin_bytes": len(plan.stdin),
        "seed": plan.seed,
        "limits": asdict(plan.limits),
    }

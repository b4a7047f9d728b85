"""Admission: tasks that `sandbox admit` has reasons against are left out of a run, and the reports are kept with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sandbox.admission import Options, Proposal, Report, examine, report_data
from sandbox.client.aio import AsyncClient
from sandbox.errors import SandboxError
from sandbox.rollouts import RunFolder
from sandbox.train.tasks import Task

_FILE = "admission.jsonl"
_FLYING = 32
# One run of the right program: its tests run again with every sample of the training.
_OPTIONS = Options(runs=1)


def admitted(tasks: Sequence[Task], client: AsyncClient, folder: RunFolder) -> list[Task]:
    """The tasks that may be trained on. One whose right program is unknown is passed, and its report says so.

    Raises SandboxError where faults of ours left some undecided, or none is left.
    """
    known = {report["id"]: report for report in folder.read(_FILE)}
    missing = [task for task in tasks if task.id not in known]
    for report in asyncio.run(_all(missing, client)):
        known[report.id] = report_data(report)
        folder.append(_FILE, known[report.id])
    open_ = [name for name, report in known.items() if report["admitted"] is None and report["faults"]]
    if open_:
        (folder.path / _FILE).unlink()
        raise SandboxError(
            f"{len(open_)} tasks could not be examined",
            why=known[open_[0]]["faults"][0],
            fix="mend the server, and try again",
        )
    found = [task for task in tasks if known[task.id]["admitted"] is not False]
    if not any(not task.held_out for task in found) or not any(task.held_out for task in found):
        refused = next(report for report in known.values() if report["admitted"] is False)
        raise SandboxError(
            "no task is left to train on, or none to hold out",
            why=f"{refused['id']}: {', '.join(refused['reasons'])}",
            fix=f"see {folder.path / _FILE}, or set data.admit = false",
        )
    return found


async def _all(tasks: Sequence[Task], client: AsyncClient) -> list[Report]:
    room = asyncio.Semaphore(_FLYING)

    async def one(task: Task) -> Report:
        request = task.right()
        if request is None:
            return Report(task.id, None, notes=("no right program is known: not examined",))
        async with room:
            return await examine(Proposal(task.id, request), client.answer, _OPTIONS)

    try:
        return await asyncio.gather(*map(one, tasks))
    finally:
        await client.close()

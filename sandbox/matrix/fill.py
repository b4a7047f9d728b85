"""Fills a matrix: one job for each distinct program, as many at a time as the server has cells.

A job ends at its first fault, and what has finished by then comes along. So that one cell's fault leaves the program's
other cells known, the tests that did not finish are run again without the one that failed, a few times; a machine that
fails at everything is not asked for every single test.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from sandbox.errors import JobError
from sandbox.matrix.asked import Asked, Distinct, asked_of, placed
from sandbox.matrix.cells import cell_of, fault_cell, skipped_cell
from sandbox.pipeline import Pipeline
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, matrix_pb2, verdict_pb2

# Faults of one program after which its other tests are faults, too.
MOST_FAULTS = 3


async def fill(request: matrix_pb2.MatrixRequest, pipeline: Pipeline, settings: Settings) -> matrix_pb2.MatrixResponse:
    """Every program with every test. Raises JobError for a bad request, before anything has run."""
    arrived = time.monotonic()
    asked = asked_of(request, pipeline.catalog, settings)
    filling = _Filling(asked, pipeline)
    places = asyncio.Semaphore(settings.cells)

    async def row(distinct: Distinct) -> matrix_pb2.MatrixRow:
        async with places:
            return await filling.row(distinct)

    try:
        async with asyncio.TaskGroup() as tasks:
            rows = [tasks.create_task(row(distinct)) for distinct in asked.programs]
    except ExceptionGroup as group:
        # The first that failed; the others were cancelled because of it.
        raise group.exceptions[0] from group
    answer = matrix_pb2.MatrixResponse(id=request.id, rows=[task.result() for task in rows], usage=filling.usage)
    answer.usage.total_ms = (time.monotonic() - arrived) * 1000
    return answer


class _Filling:
    """One matrix under way."""

    def __init__(self, asked: Asked, pipeline: Pipeline) -> None:
        self._asked, self._pipeline = asked, pipeline
        self._messages: dict[int, str] = {}
        self.usage = verdict_pb2.Usage()
        if asked.request.HasField("seed"):
            self.usage.seed = asked.request.seed

    async def row(self, distinct: Distinct) -> matrix_pb2.MatrixRow:
        """All cells of one program."""
        asked, cells = self._asked, dict[int, matrix_pb2.Cell]()
        if asked.request.only_survivors and asked.examples:
            await self._run(distinct, asked.examples, cells, job_pb2.FIRST_FAILURE)
            if _failed(cells):
                cells |= {number: skipped_cell() for number in asked.rest}
        left = [number for number in range(len(asked.tests)) if number not in cells]
        await self._run(distinct, left, cells, job_pb2.NEVER)
        found = [cells[number] for number in range(len(asked.tests))]
        first, second = len(asked.request.examples), len(asked.request.examples) + len(asked.request.inputs)
        return matrix_pb2.MatrixRow(
            programs=distinct.places,
            examples=found[:first],
            inputs=found[first:second],
            generated_tests=found[second:],
            fault_message=self._messages.get(distinct.places[0], ""),
        )

    async def _run(
        self, distinct: Distinct, numbers: Sequence[int], cells: dict[int, matrix_pb2.Cell], stop: job_pb2.StopRule
    ) -> None:
        """Adds the cells of these tests."""
        left, faults = list(numbers), 0
        while left:
            try:
                answer = await self._pipeline.score(self._asked.job(distinct.program, left, stop))
            except JobError as error:
                raise placed(error, self._asked.request, distinct) from error
            if answer.WhichOneof("outcome") == "verdict":
                self._add_usage(answer.verdict.usage)
                self._add(answer.verdict.tests, cells)
                return
            fault, faults = answer.fault, faults + 1
            self._messages.setdefault(distinct.places[0], fault.message)
            self._add(fault.finished, cells)
            if not fault.test_id or faults == MOST_FAULTS:
                cells |= {number: fault_cell(fault) for number in left if number not in cells}
                return
            cells[int(fault.test_id)] = fault_cell(fault)
            left = [number for number in left if number not in cells]
            if stop == job_pb2.FIRST_FAILURE and _failed(cells):
                cells |= {number: skipped_cell() for number in left}
                return

    def _add(self, results: Iterable[verdict_pb2.TestResult], cells: dict[int, matrix_pb2.Cell]) -> None:
        cells |= {int(result.id): cell_of(result, self._asked.tests[int(result.id)]) for result in results}

    def _add_usage(self, usage: verdict_pb2.Usage) -> None:
        total = self.usage
        total.cpu_ms += usage.cpu_ms
        total.wall_ms += usage.wall_ms
        total.peak_memory_bytes = max(total.peak_memory_bytes, usage.peak_memory_bytes)
        total.retries += usage.retries


def _failed(cells: dict[int, matrix_pb2.Cell]) -> bool:
    """Whether a test is known to have failed; what is unknown after a fault of ours is held against nobody."""
    return any(cell.HasField("passed") and not cell.passed for cell in cells.values())

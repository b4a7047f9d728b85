"""Selects for a feed of problems, a few at a time, and hands on the reports in the order of the file."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.cli.candidates import Candidates, Line
from sandbox.cli.matrices import Ask
from sandbox.errors import JobError
from sandbox.selection import Matrix, Selection, alphacode, codet, generate, mbr
from sandbox.v1 import matrix_pb2

# One fills the cells, another waits for the last programs of its own.
_AT_ONCE = 2
_GENERATED = re.compile(r"generated_tests\[(\d+)\]")

METHODS: Mapping[str, Callable[[Matrix, int], Selection]] = {
    "alphacode": alphacode,
    "codet": codet,
    "codet-sqrt": lambda matrix, k: codet(matrix, k, "sqrt"),
    "mbr": mbr,
    "mbr-share": lambda matrix, k: mbr(matrix, k, "share"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to select: the method's name, how many picks, and how many inputs are made, with which seed."""

    method: str
    k: int
    inputs: int
    seed: int

    @property
    def by_tests(self) -> bool:
        """Whether generated tests decide, and not inputs."""
        return self.method.startswith("codet")


@dataclass(slots=True)
class Report:
    """What was selected for one problem, or why nothing was. `passed` says of each pick what hidden tests said."""

    id: str
    samples: int = 0
    selection: Selection | None = None
    error: str = ""
    notes: list[str] = field(default_factory=list)
    picks: list[Any] = field(default_factory=list)
    hidden: bool = False
    passed: list[bool | None] = field(default_factory=list)
    # Which of the problem's generated tests the selection's are.
    tests: list[int] = field(default_factory=list)


Selected = Callable[[Line, Report], None]


async def select_all(lines: AsyncIterator[Line], ask: Ask, options: Options, selected: Selected) -> None:
    """Reports on every line. Raises what `ask` raises but JobError, which is reported."""
    flying: deque[tuple[Line, asyncio.Task[Report]]] = deque()
    async with asyncio.TaskGroup() as tasks:
        async for line in lines:
            flying.append((line, tasks.create_task(report_on(line, ask, options))))
            if len(flying) == _AT_ONCE:
                first, task = flying.popleft()
                selected(first, await task)
        while flying:
            first, task = flying.popleft()
            selected(first, await task)


async def report_on(line: Line, ask: Ask, options: Options) -> Report:
    """What becomes of one line."""
    report = Report(line.id)
    try:
        if line.candidates is None:
            raise line.error or JobError("", "is empty")
        await _select(line.candidates, ask, options, report)
    except JobError as error:
        report.error = f"{error.subject} ({error.suggestion})" if error.suggestion else error.subject
    return report


async def _select(candidates: Candidates, ask: Ask, options: Options, report: Report) -> None:
    report.samples = len(candidates.programs)
    request = _request(candidates, options)
    answer = await _answer(request, ask, report)
    selection = METHODS[options.method](Matrix.of(answer), options.k)
    report.selection = selection
    report.picks = [candidates.programs[place] for place in selection.picks]
    refused = len(candidates.request.generated_tests) - len(report.tests)
    if options.by_tests and refused:
        report.notes.append(f"generated tests that were refused, and left out: {refused}")
    fault = next((row.fault_message for row in answer.rows if row.fault_message), "")
    if fault:
        report.notes.append(f"cells that are unknown by a fault of ours, and left out: {selection.faults} ({fault})")
    if candidates.hidden:
        report.passed = await _judged(candidates, selection, ask)
        report.hidden = True


def _request(candidates: Candidates, options: Options) -> matrix_pb2.MatrixRequest:
    """What the method needs, and nothing else. Raises JobError, with what is missing."""
    request = matrix_pb2.MatrixRequest()
    request.CopyFrom(candidates.request)
    request.only_survivors, request.seed = True, options.seed
    if options.by_tests:
        del request.inputs[:]
        if not request.generated_tests:
            raise JobError("generated_tests", "there are none to agree with", 'give ["assert f(1) == 2", ...]')
        return request
    del request.generated_tests[:]
    if options.inputs:
        made = generate(request.examples, options.inputs, f"{options.seed} {request.id}")
        if not made:
            raise JobError("examples", "there is none to make inputs from", "give examples of kind stdio or call")
        request.inputs.extend(made)
    if not request.inputs:
        fix = '--inputs 20 makes some from the examples, or give "inputs"'
        raise JobError("inputs", "there are none to tell behaviours apart by", fix)
    return request


async def _answer(request: matrix_pb2.MatrixRequest, ask: Ask, report: Report) -> matrix_pb2.MatrixResponse:
    """The matrix, without generated tests that are refused: a model wrote them. Nothing has run when one is."""
    report.tests = list(range(len(request.generated_tests)))
    while True:
        try:
            return await ask(request)
        except JobError as error:
            found = _GENERATED.match(error.field)
            if found is None or len(report.tests) == 1:
                raise
            del request.generated_tests[int(found[1])], report.tests[int(found[1])]


async def _judged(candidates: Candidates, selection: Selection, ask: Ask) -> list[bool | None]:
    """Whether each pick passes all hidden tests; None where only a fault of ours is in the way."""
    if not selection.picks:
        return []
    request = matrix_pb2.MatrixRequest()
    request.CopyFrom(candidates.request)
    for name in ("programs", "examples", "inputs", "generated_tests"):
        request.ClearField(name)
    request.programs.extend(candidates.request.programs[place] for place in selection.picks)
    request.examples.extend(candidates.hidden)
    # The first test that fails decides.
    request.only_survivors = True
    try:
        rows = Matrix.of(await ask(request)).rows
    except JobError as error:
        field = error.field.replace("examples", "tests", 1)
        raise JobError(field, error.message, error.suggestion, reject=error.reject) from error
    outcomes: dict[int, bool | None] = {}
    for row in rows:
        failed = any(cell.passed is False for cell in row.examples)
        unknown = any(cell.fault for cell in row.examples)
        outcomes |= dict.fromkeys(row.programs, False if failed else None if unknown else True)
    return [outcomes[place] for place in range(len(selection.picks))]

"""From a MatrixRequest to jobs about which nothing is wrong. Pure.

Everything is checked before any program runs: a JobError names the field of the request, as "inputs[3].call.args_json".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.catalog import Catalog
from sandbox.check import check_request
from sandbox.errors import JobError
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, matrix_pb2

# What a cell takes in the answer beside what the program printed; a byte that is no UTF-8 becomes three.
_CELL_BYTES, _BYTES_PER_BYTE = 160, 3
_TEST, _PROGRAM = re.compile(r"\btests\[(\d+)\]"), re.compile(r"\bprogram\b")


@dataclass(frozen=True, slots=True)
class Distinct:
    """One program, and everywhere that it stands in the request."""

    program: job_pb2.Program
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was checked. `tests` are examples, inputs and generated tests, in this order, named by number."""

    request: matrix_pb2.MatrixRequest
    programs: tuple[Distinct, ...]
    tests: tuple[job_pb2.Test, ...]

    @property
    def examples(self) -> range:
        """The numbers of the examples among the tests."""
        return range(len(self.request.examples))

    @property
    def rest(self) -> range:
        """The numbers of inputs and generated tests."""
        return range(len(self.request.examples), len(self.tests))

    def job(self, program: job_pb2.Program, numbers: Iterable[int], stop: job_pb2.StopRule) -> job_pb2.ScoreRequest:
        """The job that runs a program with some of the tests."""
        request = self.request
        job = job_pb2.ScoreRequest(
            id=request.id,
            program=program,
            tests=[self.tests[number] for number in numbers],
            policy=request.policy,
            limits=request.limits if request.HasField("limits") else None,
            seed=request.seed if request.HasField("seed") else None,
            stop=stop,
            ignore_exit_code=request.ignore_exit_code,
        )
        if request.output_clip_bytes:
            job.feedback, job.output_clip_bytes = job_pb2.ALL, request.output_clip_bytes
        return job


def asked_of(request: matrix_pb2.MatrixRequest, catalog: Catalog, settings: Settings) -> Asked:
    """The request, checked. Raises JobError."""
    programs, tests = _distinct(request), tuple(_tests(request))
    if not programs:
        raise JobError("programs", "there are none", "give at least one")
    if not tests:
        raise JobError("inputs", "there are no tests at all", "give examples, inputs or generated_tests")
    # As they were sent: an answer has a row of cells only for each distinct one, but who sends them may not know that.
    cells = len(request.programs) * len(tests)
    if cells > settings.matrix_cells:
        raise JobError(
            "programs",
            f"{len(request.programs)} programs times {len(tests)} tests are {cells} cells, "
            f"at most {settings.matrix_cells} are filled",
            "ask for some of the programs at a time",
        )
    if cells * (_CELL_BYTES + _BYTES_PER_BYTE * request.output_clip_bytes) > settings.max_message_bytes:
        raise JobError(
            "output_clip_bytes",
            f"{request.output_clip_bytes} bytes of {cells} cells may be more than an answer of "
            f"{settings.max_message_bytes} bytes",
            "ask for less of each, or for nothing",
        )
    asked = Asked(request, programs, tests)
    known: set[tuple[str, str]] = set()
    for distinct in programs:
        # Of the program a test's check knows its language and its function: many programs do not make many checks.
        kind = (distinct.program.language, distinct.program.entry_point)
        job = asked.job(distinct.program, range(1 if kind in known else len(tests)), job_pb2.NEVER)
        known.add(kind)
        try:
            check_request(job, job.tests, catalog)
        except JobError as error:
            raise placed(error, request, distinct) from error
    return asked


def placed(error: JobError, request: matrix_pb2.MatrixRequest, distinct: Distinct) -> JobError:
    """What is wrong with a program's job, in the names that the caller used."""

    def rename(text: str) -> str:
        return _TEST.sub(lambda found: _name(request, int(found[1])), text)

    field = _PROGRAM.sub(f"programs[{distinct.places[0]}]", rename(error.field))
    return JobError(field, rename(error.message), rename(error.suggestion), reject=error.reject)


def _distinct(request: matrix_pb2.MatrixRequest) -> tuple[Distinct, ...]:
    places: dict[bytes, list[int]] = {}
    programs: dict[bytes, job_pb2.Program] = {}
    for number, given in enumerate(request.programs):
        program = given
        if not given.language:
            program = job_pb2.Program()
            program.CopyFrom(given)
            program.language = request.language
        key = program.SerializeToString(deterministic=True)
        programs.setdefault(key, program)
        places.setdefault(key, []).append(number)
    return tuple(Distinct(programs[key], tuple(found)) for key, found in places.items())


def _tests(request: matrix_pb2.MatrixRequest) -> Iterable[job_pb2.Test]:
    number = 0
    for part, observe in ((request.examples, False), (request.inputs, True), (request.generated_tests, False)):
        for given in part:
            test = job_pb2.Test()
            test.CopyFrom(given)
            test.id, test.visibility = str(number), job_pb2.HIDDEN
            if observe:
                test.observe = True
            elif given.observe:
                raise JobError(
                    _name(request, number), "observes, and so has nothing to pass", "put it among the inputs"
                )
            yield test
            number += 1


def _name(request: matrix_pb2.MatrixRequest, number: int) -> str:
    """Where a test stands in the request."""
    for part, tests in _parts(request):
        if number < len(tests):
            return f"{part}[{number}]"
        number -= len(tests)
    raise AssertionError("unreachable")


def _parts(request: matrix_pb2.MatrixRequest) -> tuple[tuple[str, Sequence[job_pb2.Test]], ...]:
    return (
        ("examples", request.examples),
        ("inputs", request.inputs),
        ("generated_tests", request.generated_tests),
    )

"""Programs times tests, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from sandbox.errors import SandboxError
from sandbox.v1 import matrix_pb2, verdict_pb2


@dataclass(frozen=True, slots=True)
class Cell:
    """One program with one test. `status` and `fault` are names of the wire; of a fault nothing else is known.

    `passed` is None where the test expects nothing or was not run; `fingerprint` is empty where the program failed.
    """

    status: str = ""
    passed: bool | None = None
    fingerprint: str = ""
    fault: str = ""

    @property
    def ran(self) -> bool:
        """Whether the program was run with the test, and it is known how that ended."""
        return self.status not in ("", "SKIPPED", "COMPILE_ERROR")

    @property
    def behaviour(self) -> str:
        """What two programs have in common when they behave alike here: what came out, or how it failed.

        Failures of one status are alike, whatever the exception: an input may be bad, and right programs fail, too.
        """
        return self.fingerprint or self.status


@dataclass(frozen=True, slots=True)
class Row:
    """One distinct program. `programs` are its places among the samples, ascending: it counts so many times."""

    programs: tuple[int, ...]
    examples: tuple[Cell, ...] = ()
    inputs: tuple[Cell, ...] = ()
    generated_tests: tuple[Cell, ...] = ()

    @property
    def first(self) -> int:
        """Its first place."""
        return self.programs[0]

    @property
    def cells(self) -> Iterator[Cell]:
        """All of them."""
        yield from self.examples
        yield from self.inputs
        yield from self.generated_tests


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows, in the order of their first places."""

    rows: tuple[Row, ...]

    @classmethod
    def of(cls, answer: matrix_pb2.MatrixResponse) -> Self:
        """The matrix in a server's answer. Raises SandboxError where its rows do not fit together."""
        try:
            rows = [
                Row(tuple(row.programs), _cells(row.examples), _cells(row.inputs), _cells(row.generated_tests))
                for row in answer.rows
            ]
        except ValueError as error:  # a status or a fault of another version
            raise SandboxError("the server's matrix cannot be read", why=str(error)) from error
        places = sorted(place for row in rows for place in row.programs)
        widths = {(len(row.examples), len(row.inputs), len(row.generated_tests)) for row in rows}
        if places != [*range(len(places))] or not all(row.programs for row in rows) or len(widths) > 1:
            raise SandboxError("the server's matrix cannot be read", why="its rows do not fit together")
        return cls(tuple(sorted(rows, key=lambda row: row.first)))

    @property
    def samples(self) -> int:
        """How many programs there are, equal ones counted each."""
        return sum(len(row.programs) for row in self.rows)

    @property
    def faults(self) -> int:
        """How many cells are unknown by a fault of ours."""
        return sum(bool(cell.fault) for row in self.rows for cell in row.cells)


def _cells(cells: Iterable[matrix_pb2.Cell]) -> tuple[Cell, ...]:
    return tuple(map(_cell, cells))


def _cell(cell: matrix_pb2.Cell) -> Cell:
    if cell.fault:
        return Cell(fault=verdict_pb2.FaultKind.Name(cell.fault))
    passed = cell.passed if cell.HasField("passed") else None
    return Cell(verdict_pb2.Status.Name(cell.status), passed, cell.fingerprint)

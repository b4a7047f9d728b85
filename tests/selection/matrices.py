"""Matrices for the tests, by hand and at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from sandbox.selection import Cell, Matrix, Row

FAULT = Cell(fault="JAIL")
FAILED = Cell("RUNTIME_ERROR")


def out(text: object) -> Cell:
    """A program that ran to its end."""
    return Cell("ACCEPTED", fingerprint=f"sha256:{text}")


def tested(passed: bool) -> Cell:
    return Cell("ACCEPTED" if passed else "WRONG_ANSWER", passed)


def inputs_of(text: str) -> tuple[Cell, ...]:
    """A letter is what came out, "!" a failure, "?" a fault."""
    return tuple(FAULT if each == "?" else FAILED if each == "!" else out(each) for each in text)


def judged_of(text: str) -> tuple[Cell, ...]:
    """ "+" passed, "-" failed, "?" a fault."""
    return tuple(FAULT if each == "?" else tested(each == "+") for each in text)


def matrix(*rows: str, examples: Sequence[str] = (), counts: Sequence[int] = ()) -> Matrix:
    """Programs by their behaviour on inputs; `counts` says how often each was sampled, one after the other."""
    made, place = [], 0
    for number, text in enumerate(rows):
        count = counts[number] if counts else 1
        seen = judged_of(examples[number]) if examples else ()
        made.append(Row(tuple(range(place, place + count)), seen, inputs_of(text)))
        place += count
    return Matrix(tuple(made))


def agreement(*rows: str, counts: Sequence[int] = ()) -> Matrix:
    """Programs by the generated tests that they pass."""
    found = matrix(*rows, counts=counts).rows
    return Matrix(
        tuple(replace(row, inputs=(), generated_tests=judged_of(text)) for row, text in zip(found, rows, strict=True))
    )


def with_cell(matrix: Matrix, number: int, part: str, column: int, cell: Cell) -> Matrix:
    """The same with one cell another."""
    rows = list(matrix.rows)
    cells = list(getattr(rows[number], part))
    cells[column] = cell
    rows[number] = replace(rows[number], **{part: tuple(cells)})
    return Matrix(tuple(rows))


def permuted(matrix: Matrix, order: Sequence[int]) -> Matrix:
    """The same samples in another order; `order[new] = old`."""
    new = {old: place for place, old in enumerate(order)}
    rows = [replace(row, programs=tuple(sorted(new[place] for place in row.programs))) for row in matrix.rows]
    return Matrix(tuple(sorted(rows, key=lambda row: row.first)))


@st.composite
def matrices(draw, faults: bool = True):
    """Up to 7 distinct programs, some sampled often, on up to 3 examples, 3 inputs and 4 generated tests."""
    examples, inputs, generated = draw(st.integers(0, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    outs = st.sampled_from([out("a"), out("b"), FAILED, *([FAULT] if faults else [])])
    tests = st.sampled_from([tested(True), tested(False), *([FAULT] if faults else [])])
    usual = st.sampled_from([tested(True)] * 4 + [tested(False), *([FAULT] if faults else [])])
    samples = draw(st.lists(st.integers(0, 6), min_size=1, max_size=12))
    rows = []
    for program in sorted(set(samples), key=samples.index):
        places = tuple(place for place, each in enumerate(samples) if each == program)
        cells = [
            tuple(draw(st.lists(kind, min_size=size, max_size=size)))
            for kind, size in ((usual, examples), (outs, inputs), (tests, generated))
        ]
        rows.append(Row(places, *cells))
    return Matrix(tuple(rows))

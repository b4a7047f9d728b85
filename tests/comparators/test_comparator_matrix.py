"""What other graders answered to the same outputs, against the comparators that stand in for them."""

import tomllib
from pathlib import Path

import pytest

from sandbox.judge.comparators import text_comparator

MATRIX = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text())


def stand_ins():
    for grader, comparators in MATRIX["comparators"].items():
        for comparator in comparators:
            yield pytest.param(grader, comparator, id=f"{grader} by {comparator['name']}")


def known_differences(grader, name):
    for known in MATRIX.get("differs", []):
        if grader in known["graders"] and name == known.get("comparator", name):
            assert known["why"]
            yield known["printed"], known["expected"]


@pytest.mark.parametrize(("grader", "comparator"), list(stand_ins()))
def test_the_comparator_answers_as_the_grader_except_where_it_is_written_down(grader, comparator):
    compare = text_comparator(comparator["name"], comparator.get("params", {}), allow_unsafe=True)
    column = MATRIX["graders"].index(grader)
    different = set()
    for answers, printed, expected in MATRIX["rows"]:
        accepted = compare(printed.encode(), expected.encode()).score == 1.0
        if accepted != (answers[column] == "Y"):
            different.add((printed, expected))
    assert different == set(known_differences(grader, comparator["name"]))


def test_every_grader_of_the_matrix_has_a_stand_in():
    assert set(MATRIX["comparators"]) == set(MATRIX["graders"])
    assert {len(answers) for answers, _, _ in MATRIX["rows"]} == {len(MATRIX["graders"])}

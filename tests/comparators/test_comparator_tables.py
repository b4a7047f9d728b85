"""Every row of every table in `cases/` is one test: anybody may add a row, nobody has to read this file."""

import tomllib
from pathlib import Path

import pytest

from sandbox.judge.comparators import text_comparator, text_comparator_names

TABLES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
KEYS = {"why", "actual", "actual_hex", "expected", "expected_hex", "params", "passed", "score", "reason"}


def rows():
    for table in TABLES:
        for case in tomllib.loads(table.read_text())["case"]:
            yield pytest.param(table.stem, case, id=f"{table.stem}: {case['why']}")


def side(case, name):
    return bytes.fromhex(case[f"{name}_hex"]) if f"{name}_hex" in case else case[name].encode()


@pytest.mark.parametrize(("name", "case"), list(rows()))
def test_the_comparator_judges_the_case_as_its_table_says(name, case):
    assert case.keys() <= KEYS
    compare = text_comparator(name, case.get("params", {}), allow_unsafe=True)
    comparison = compare(side(case, "actual"), side(case, "expected"))
    if "score" in case:
        assert comparison.score == pytest.approx(case["score"], abs=0, rel=1e-15)
    else:
        assert (comparison.score, case["passed"]) in ((1.0, True), (0.0, False))
    assert case.get("reason", "") in comparison.reason
    assert (comparison.reason == "") == (comparison.score == 1.0)


def test_every_comparator_has_a_table_and_every_table_a_comparator():
    assert {table.stem for table in TABLES} == set(text_comparator_names())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_table_has_a_case_that_passes_and_one_that_does_not(table):
    cases = tomllib.loads(table.read_text())["case"]
    passed = {case.get("passed", case.get("score") == 1.0) for case in cases}
    assert passed == {True, False}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_no_table_gives_the_same_reason_for_two_cases(table):
    reasons = [case["why"] for case in tomllib.loads(table.read_text())["case"]]
    assert len(reasons) == len(set(reasons))

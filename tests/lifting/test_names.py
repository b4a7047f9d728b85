"""Names and counts."""

import pytest

from sandbox.judge.lifting import count_asserts, free_names, sole_function

from .cases import cases


@pytest.mark.parametrize("case", cases("names.toml"))
def test_the_free_names_are_those_that_nobody_defines(case):
    assert sorted(free_names(case["code"], case.get("setup", ""), "f")) == case["free"]


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("", 0),
        ("assert f(1)", 1),
        ("assert f(1); assert f(2)", 2),
        ("def check(candidate):\n    for i in range(9):\n        assert candidate(i)\n    assert True", 2),
        ("'assert f(1)'  # assert f(2)", 0),
        ("assert f((", 0),
    ],
)
def test_asserts_are_counted_as_statements_at_any_depth(code, count):
    assert count_asserts(code) == count


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("assert area(2) == len([1])", "area"),
        ("assert area(2) == limit", "area"),
        ("assert area(2) == side(3)", ""),
        ("assert True", ""),
        ("def helper(): pass\nassert helper() == area(2)", "area"),
    ],
)
def test_the_function_under_test_is_the_one_free_name_that_is_called(code, function):
    assert sole_function(code) == function

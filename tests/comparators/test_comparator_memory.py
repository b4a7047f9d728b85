"""Comparing large outputs must not turn them into millions of Python objects at once."""

import tracemalloc

import pytest

from sandbox.judge.comparators import text_comparator

NAMES = ["lines", "tokens", "tokens_lines", "tokens_sepclass", "floats", "line_fraction"]


@pytest.mark.parametrize("name", NAMES)
def test_a_large_output_of_tiny_lines_costs_some_copies_of_itself_and_no_more(name):
    size = 1 << 19
    expected, actual = b"1\n" * (size // 2), b"1 \n" * (size // 2)
    compare = text_comparator(name)
    tracemalloc.start()
    try:
        comparison = compare(actual, expected)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert comparison.score == 1.0
    assert peak < 16 * size


def test_counting_a_huge_output_needs_no_more_memory_than_the_expected_one():
    actual = b" ".join(b"%d" % number for number in range(50_000))
    tracemalloc.start()
    try:
        comparison = text_comparator("unordered")(actual, b"1 2 3")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert comparison.reason == "token 1: '0' is not expected"
    assert peak < 16 * len(actual)

"""The numbers of the benchmark about its own numbers."""

import math

import pytest

from bench.bars import Bar
from bench.stats import mean, median, percentile, ratios


@pytest.mark.parametrize(("values", "middle"), [([3], 3), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5), ([2, 2, 9], 2)])
def test_median(values, middle):
    assert median(values) == middle


@pytest.mark.parametrize(
    ("share", "value"), [(0.01, 1), (0.07, 7), (0.5, 50), (0.501, 51), (0.99, 99), (0.991, 100), (1, 100)]
)
def test_percentile_is_the_nearest_rank(share, value):
    assert percentile([*range(100, 0, -1)], share) == value


def test_percentile_of_few_values_is_the_largest():
    assert percentile([7.0, 1.0, 3.0], 0.99) == 7.0


@pytest.mark.parametrize("share", [0, -0.5, 1.01])
def test_percentile_of_no_share(share):
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], share)


def test_nothing_is_not_a_number():
    assert all(math.isnan(number) for number in (median([]), mean([]), percentile([], 0.5)))


def test_ratios_are_taken_round_by_round():
    # The second round was slow for both: the medians alone would say 1.5.
    assert ratios([30, 10, 30], [10, 5, 20]) == [3, 2, 1.5]
    assert math.isnan(ratios([1], [0])[0])


def test_mean():
    assert mean([0.1] * 10) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("bar", "ok"),
    [
        (Bar.at_least("a", 5.0, 5), True),
        (Bar.at_least("a", 4.99, 5), False),
        (Bar.at_most("a", 0.3, 0.3), True),
        (Bar.at_most("a", 0.31, 0.3), False),
        (Bar.at_least("a", math.nan, 5), False),
        (Bar.at_most("a", math.nan, 5), False),
    ],
)
def test_bars(bar, ok):
    assert bar.ok is ok

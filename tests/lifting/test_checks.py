"""Judging, where values come from a hostile author or equality is not Python's own."""

import operator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.judge.lifting import Check, Close, Contains, Equals, In, IsValue, Lifted, Truthy, View, lift

from .reference import run

# A busy machine breaks no law.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
COLLIDING = [number * (2**61 - 1) for number in range(1, 200)]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.complex_numbers(max_magnitude=3), st.text("ab")
)
plain = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(scalars, max_size=3).map(set),
        st.dictionaries(scalars, inner, max_size=3),
    ),
    max_leaves=6,
)
TEMPLATES = [
    "f(0) == {0!r}",
    "f(0) != {0!r}",
    "not f(0) == {0!r}",
    "f(0)",
    "not f(0)",
    "f(0) is None",
    "f(0) is not False",
    "set(f(0)) == {0!r}",
    "sorted(f(0)) == {0!r}",
    "tuple(f(0)) == {0!r}",
    "list(f(0)) == {0!r}",
    "len(f(0)) == {0!r}",
    "min(f(0)) == {0!r}",
    "max(f(0)) == {0!r}",
    "round(f(0)) == {0!r}",
    "round(f(0), 1) == {0!r}",
    "f(0)[0] == {0!r}",
    "f(0) < {0!r}",
    "{0!r} <= f(0)",
    "f(0) >= {0!r}",
    "{0!r} > f(0)",
    "{0!r} in f(0)",
    "{0!r} not in f(0)",
    "f(0) in [{0!r}, 1]",
    "f(0) not in [{0!r}, 1]",
    "f(0) in {{1, 'a', None}}",
    "f(0) not in {{1, 'a', None}}",
    "abs(f(0) - 1.5) < 1",
    "abs(1 - f(0)) <= 0.5",
    "math.fabs(f(0) - 1) > 1",
    "math.isclose(f(0), 1, abs_tol=0.5)",
    "not math.isclose(1, f(0), rel_tol=0.5)",
]


@unhurried
@given(st.sampled_from(TEMPLATES), plain, plain)
def test_every_kind_of_check_agrees_with_python_on_every_plain_value(template, expected, value):
    code = f"import math\nassert {template.format(expected)}"
    lifted = lift(code, "f")
    assert isinstance(lifted, Lifted), lifted
    [found], [noted] = lifted.asserts, run(code, "f", lambda _: value)
    assert found.check.judge(value, operator.eq) is noted.held


@unhurried
@given(plain, plain, plain)
def test_literals_come_out_as_they_were_written(first, second, expected):
    lifted = lift(f"assert f({first!r}, key={second!r}) == {expected!r}", "f")
    assert isinstance(lifted, Lifted), lifted
    [found] = lifted.asserts
    assert isinstance(found.check, Equals)
    assert written(found.call.args) == written(eval(repr((first,))))
    assert written(found.call.kwargs) == written(eval(repr({"key": second})))
    assert written(found.check.expected) == written(eval(repr(expected)))


def written(value):
    """The value with the types of all parts, and without the order of its sets."""
    if isinstance(value, dict):
        return "dict", [(written(key), written(inner)) for key, inner in value.items()]
    if isinstance(value, set):
        return "set", sorted(map(str, map(written, value)))
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [written(inner) for inner in value]
    return repr(value)


@unhurried
@given(st.text("assert f(1)==[]{},'\n :xdefckin*-notrue"))
def test_lifting_answers_for_any_text(code):
    lift(code, "f")


@pytest.mark.parametrize(
    ("assertion", "value"),
    [
        ("set(f(0)) == {1}", COLLIDING),
        ("len(frozenset(f(0))) == 199", COLLIDING),
        ("round(f(0)) == 1", Decimal("1e999999999")),
        ("abs(f(0) - 1) < 1", Decimal("1e999999999")),
        ("round(f(0), 2) == 1", Decimal("1e999999999")),
        ("f(0) < 1", Decimal("snan")),
        ("abs(f(0) - 0.5) < 1", 10**4000),
        ("sorted(f(0)) == []", [1, "a"]),
    ],
)
def test_a_value_that_would_keep_the_judge_busy_fails_the_assert(assertion, value):
    [found] = lift(f"assert {assertion}", "f").asserts
    assert found.check.judge(value, operator.eq) is False


def test_many_equal_values_are_not_taken_for_an_attack():
    [found] = lift("assert set(f(0)) == {1}", "f").asserts
    assert found.check.judge([1] * 10_000, operator.eq)


def test_fractions_and_decimals_are_numbers():
    [rounded] = lift("assert round(f(0)) == 2", "f").asserts
    assert rounded.check.judge(Decimal("1.9"), operator.eq)
    assert rounded.check.judge(Fraction(7, 4), operator.eq)


def test_equality_is_the_one_that_the_caller_gives():
    seen = []

    def never(actual, expected):
        seen.append((actual, expected))
        return False

    [equal, unequal, member] = lift("assert f(0) == 1\nassert f(0) != 1\nassert f(0) in (1, 2)", "f").asserts
    assert [found.check.judge(1, never) for found in (equal, unequal, member)] == [False, True, False]
    assert seen == [(1, 1), (1, 1), (1, 1), (1, 2)]


@pytest.mark.parametrize("check", [Equals(1), In((1,), "sequence")])
def test_an_error_of_the_equality_is_not_taken_for_a_failed_assert(check: Check):
    def broken(actual, expected):
        raise TypeError("ours")

    with pytest.raises(TypeError, match="ours"):
        check.judge(1, broken)


def test_a_check_tells_whether_an_iterator_would_serve_as_well():
    taken = [
        found.check.takes_iterator
        for found in lift("assert set(f(0)) == {1}\nassert len(list(f(0))) == 1\nassert len(f(0)) == 1", "f").asserts
    ]
    assert taken == [True, True, False]
    assert not Truthy().takes_iterator
    assert Equals([1], via=(View("list"),)).takes_iterator


def test_checks_are_not_negated_unless_they_say_so():
    holding = [
        (Equals(1), 1),
        (Truthy(), 1),
        (IsValue(None), None),
        (Close(1.0), 1),
        (In((1,), "sequence"), 1),
        (Contains(1), [1]),
    ]
    assert all(check.judge(value, operator.eq) for check, value in holding)

"""What must hold for every comparator and any bytes, by random search."""

import math

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sandbox.judge.comparators import text_comparator, text_comparator_names
from sandbox.judge.comparators.numbers import number

SEARCH = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PARAMS = {"line_points": {"points": [1, 2]}, "any_of": {"accepted": ["a\nb", "1 2"]}}
PRESETS = ["testlib4", "testlib6", "testlib9", "rcmp", "rncmp", "dmoj", "nemo", "sf", "cc", "execeval"]
PARTIAL = [
    ("line_fraction", {}, b"\n"),
    ("token_fraction", {}, None),
    ("prefix_fraction", {}, b"\n"),
    ("prefix_fraction", {"unit": "token"}, None),
]
WANT_CERTAIN_TOKENS = {"bigint", "yesno", "ints", "int", "cases", "line_points", "testlib4", "testlib6", "testlib9"}
WANT_CERTAIN_TOKENS |= {"rcmp", "rncmp", "open_r1_zip"}  # the last rejects a blank first line that was expected

COMPARATORS = {name: text_comparator(name, PARAMS.get(name, {}), allow_unsafe=True) for name in text_comparator_names()}
COMPARATORS |= {f"floats {preset}": text_comparator("floats", {"preset": preset}) for preset in PRESETS}
COMPARATORS |= {f"lines {trim}": text_comparator("lines", {"trim": trim}) for trim in ("strip", "none")}
COMPARATORS |= {f"unordered {unit}": text_comparator("unordered", {"unit": unit}) for unit in ("line", "int")}

numerals = (
    st.sampled_from(
        ["0", "-0", "5", "05", "+5", "5.", ".5", "5.0", "1e3", "1_000", "0x10", "1e1000000", "1e-999999999"]
    )
    | st.sampled_from(["1e400", "-1e400", "inf", "-Infinity", "nan", "sNaN", "yes", "YES", "True"])
    | st.integers().map(str)
    | st.floats().map(repr)
)
words = numerals | st.text("abYN1.\x00\x1f\x85\xa0\u2028\uff11é", max_size=4) | st.just("Case 1:")
spaces = st.text(" \t\n\r\x0b\x0c", min_size=1, max_size=3)
output_like = st.lists(words | spaces, max_size=12).map(lambda parts: "".join(parts).encode())
outputs = output_like | st.binary(max_size=40)
ordinary = st.lists(st.lists(st.text("abcxyz0123456789.-", min_size=1, max_size=5), max_size=4), max_size=6).map(
    lambda lines: "\n".join(map(" ".join, lines)).encode()
)


@given(outputs, outputs)
@SEARCH
@example(b"1e1000000", b"1")
@example(b"9" * 100_000, b"9" * 99_999 + b"8")
@example(b"-" * 100_000, b"0." + b"0" * 100_000 + b"1")
@example(b" " * 100_000 + b"x", b"x")
@example(b"Case " * 20_000, b"Case 1: x")
@example(b"\xff\xfe", b"\xff")
@example(b"1e-9999 1e9999", b"1e-9999 1E9999")
def test_no_bytes_make_a_comparator_raise_or_break_its_promises(actual, expected):
    for name, compare in COMPARATORS.items():
        comparison = compare(actual, expected)
        assert comparison == compare(bytes(bytearray(actual)), bytes(bytearray(expected))), name
        assert 0.0 <= comparison.score <= 1.0, name
        assert len(comparison.reason) <= 400, name
        assert comparison.reason.isprintable(), name
        assert (comparison.reason == "") == (comparison.score == 1.0), name


@given(ordinary)
@SEARCH
def test_ordinary_text_matches_itself(text):
    for name, compare in COMPARATORS.items():
        if not WANT_CERTAIN_TOKENS & set(name.split()):
            assert compare(text, text).score == 1.0, name


@given(outputs, outputs, st.booleans())
@SEARCH
def test_a_nul_is_never_accepted_in_text(before, after, on_both_sides):
    actual = before + b"\0" + after
    expected = actual if on_both_sides else before + after
    for name, compare in COMPARATORS.items():
        assert name == "exact" or compare(actual, expected).score < 1.0, name


@given(
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1)).flatmap(
        lambda items: st.tuples(st.just(items), st.permutations(items))
    )
)
@SEARCH
@pytest.mark.parametrize("params", [{}, {"unit": "int"}, {"unit": "line"}, {"multiset": False}], ids=str)
def test_unordered_accepts_every_permutation(params, both):
    expected, actual = ("\n".join(map(str, items)).encode() for items in both)
    assert text_comparator("unordered", params)(actual, expected).score == 1.0


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
@SEARCH
def test_unordered_accepts_exactly_the_permutations(one, other):
    compare = text_comparator("unordered")
    accepted = compare(" ".join(one).encode(), " ".join(other).encode()).score == 1.0
    assert accepted == (sorted(one) == sorted(other))


@pytest.mark.parametrize(("name", "params", "separator"), PARTIAL)
@given(ordinary, ordinary)
@SEARCH
def test_a_partial_score_is_1_exactly_when_the_whole_output_matches(name, params, separator, actual, expected):
    score = text_comparator(name, params)(actual, expected).score
    whole = text_comparator("lines" if separator else "tokens")(actual, expected).score
    assert (score == 1.0) == (whole == 1.0)


@given(ordinary, ordinary, st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=6))
@SEARCH
def test_line_points_reach_1_exactly_when_the_whole_output_matches(actual, expected, points):
    compare = text_comparator("line_points", {"points": points})
    fits = len(expected.rstrip().split(b"\n")) == len(points) and expected.strip() != b""
    assert (compare(actual, expected).score == 1.0) == (
        fits and text_comparator("lines")(actual, expected).score == 1.0
    )


@pytest.mark.parametrize(("name", "params", "separator"), PARTIAL)
@given(st.lists(st.sampled_from("ab")), st.lists(st.sampled_from("ab"), min_size=1), st.lists(st.sampled_from("ab")))
@SEARCH
def test_printing_more_after_a_full_length_output_never_raises_a_partial_score(
    name, params, separator, one, other, more
):
    compare = text_comparator(name, params)
    full = (one + other)[: len(other)]
    if len(full) == len(other):
        expected, shorter, longer = ("\n".join(items).encode() for items in (other, full, full + more))
        assert compare(longer, expected).score <= compare(shorter, expected).score


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e-7))
@SEARCH
def test_floats_accept_what_is_within_the_relative_tolerance_and_reject_what_is_outside(value, part):
    compare = text_comparator("floats", {"rel": 1e-6, "ints_exact": False})
    near, far = value * (1 + part), value * (1 + 1e-3)
    if math.isfinite(far) and abs(value) > 1e-300:
        assert compare(repr(near).encode(), repr(value).encode()).score == 1.0
        assert compare(repr(far).encode(), repr(value).encode()).score == 0.0


@given(st.integers(-(10**60), 10**60), st.integers(-3, 3))
@SEARCH
def test_integers_are_exact_unless_the_tolerance_is_asked_for(value, off):
    compare = text_comparator("floats")
    assert (compare(str(value + off).encode(), str(value).encode()).score == 1.0) == (off == 0)


@pytest.mark.parametrize(
    "token", [b"9" * 401, b"1e12345", b"1e1000000", b"1_0", b"0x1p3", b"\xef\xbc\x91", b"+", b"", b"."]
)
def test_what_would_be_dear_or_doubtful_to_read_is_not_a_number(token):
    assert number(token) is None

"""Choosing a comparator by name and parameters, and what a mistake is answered with."""

import pytest
from google.protobuf.struct_pb2 import Struct

from sandbox.judge.comparators import AnyOf, ComparatorError, text_comparator, text_comparator_names

UNSAFE = {
    "apps_legacy", "taco_legacy", "prime_legacy", "sandbox_fusion", "open_r1_zip", "r360", "code_r1", "verl_sf",
    "code_contests", "execeval",
}  # fmt: skip

MISTAKES = [
    ("token", {}, "comparator.name", "did you mean 'tokens'?"),
    ("zzz", {}, "comparator.name", "known: lines, exact"),
    ("tokens", {"casefold": True}, "comparator.params.casefold", "did you mean 'case_fold'?"),
    ("exact", {"abs": 1.0}, "comparator.params.abs", "it takes none"),
    ("tokens", {"case_fold": 1.0}, "comparator.params.case_fold", "must be true or false, not 1.0"),
    ("floats", {"abs": "1e-6"}, "comparator.params.abs", "must be a number, not '1e-6'"),
    ("floats", {"abs": True}, "comparator.params.abs", "must be a number, not True"),
    ("floats", {"abs": -1.0}, "comparator.params.abs", "must be a finite number of at least 0, not -1.0"),
    ("floats", {"abs": float("nan")}, "comparator.params.abs", "must be a finite number"),
    ("floats", {"rel": float("inf")}, "comparator.params.rel", "must be a finite number"),
    ("floats", {"abs": 10**400}, "comparator.params.abs", "must be a finite number"),
    ("floats", {"mode": "absolute"}, "comparator.params.mode", "known: either, abs, rel"),
    ("floats", {"mode": 3.0}, "comparator.params.mode", "must be text, not 3.0"),
    ("floats", {"mode": "abs", "rel": 0.1}, "comparator.params.rel", "has no effect with mode 'abs'"),
    ("floats", {"mode": "rel", "abs": 0.1}, "comparator.params.abs", "has no effect with mode 'rel'"),
    ("floats", {"preset": "katis", "eps": 1e-6}, "comparator.params.preset", "did you mean 'kattis'?"),
    ("floats", {"preset": "kattis"}, "comparator.params.eps", "is required by preset 'kattis'"),
    ("floats", {"preset": "dmoj", "precision": 2.5}, "comparator.params.precision", "must be a whole number"),
    ("floats", {"preset": "dmoj", "abs": 0.1}, "comparator.params.abs", "takes no such parameter"),
    ("floats", {"eps": 0.1}, "comparator.params.eps", "takes no such parameter"),
    ("floats", {"nan": "accept"}, "comparator.params.nan", "must not be 'accept'"),
    ("line_points", {}, "comparator.params.points", "must be a list of numbers above 0"),
    ("line_points", {"points": [1.0, 0.0]}, "comparator.params.points", "must be a list of numbers above 0"),
    ("line_points", {"points": 3.0}, "comparator.params.points", "must be a list"),
    ("line_points", {"points": "12"}, "comparator.params.points", "must be a list"),
    ("line_points", {"points": [1e308, 1e308]}, "comparator.params.points", "finite sum"),
    ("any_of", {"accepted": ["a", 1.0]}, "comparator.params.accepted", "must be a list of texts"),
    ("any_of", {"comparator": "tokns"}, "comparator.params.comparator.name", "did you mean 'tokens'?"),
    ("any_of", {"comparator": 1.0}, "comparator.params.comparator", "must be text"),
    ("any_of", {"params": 1.0}, "comparator.params.params", "must be an object"),
    (
        "any_of",
        {"comparator": "floats", "params": {"abs": "x"}},
        "comparator.params.comparator.params.abs",
        "must be a number",
    ),
    ("cases", {"header": "Case"}, "comparator.params.header", "must hold %d exactly once"),
    ("cases", {"header": 1.0}, "comparator.params.header", "must be text"),
]


@pytest.mark.parametrize(("name", "params", "field", "says"), MISTAKES)
def test_a_mistake_is_named_with_its_field_and_the_fix(name, params, field, says):
    with pytest.raises(ComparatorError) as caught:
        text_comparator(name, params)
    assert caught.value.field == field
    assert says in f"{caught.value.message} ({caught.value.suggestion})"
    assert str(caught.value).startswith(f"{field}: {caught.value.message}")


@pytest.mark.parametrize("name", sorted(UNSAFE))
def test_an_unsafe_comparator_is_refused_unless_it_is_allowed(name):
    with pytest.raises(ComparatorError, match="agreement studies") as caught:
        text_comparator(name)
    assert caught.value.field == "comparator.name"
    assert text_comparator(name, allow_unsafe=True)(b"1\n", b"1").score == 1.0


@pytest.mark.parametrize("wrapper", ["any_of", "cases"])
def test_an_unsafe_comparator_is_refused_inside_another_too(wrapper):
    params = {"comparator": "apps_legacy"}
    with pytest.raises(ComparatorError, match="agreement studies"):
        text_comparator(wrapper, params)
    text_comparator(wrapper, params, allow_unsafe=True)


def test_all_other_comparators_are_safe():
    needs = {"line_points": {"points": [1.0]}}
    for name in text_comparator_names().keys() - UNSAFE:
        text_comparator(name, needs.get(name, {}))


def test_no_name_means_lines():
    assert text_comparator("")(b"1 \n", b"1").score == 1.0
    assert text_comparator("") == text_comparator("lines")


def test_parameters_may_come_from_a_protobuf_struct():
    struct = Struct()
    struct.update({"preset": "dmoj", "precision": 3, "layout": "tokens"})
    assert text_comparator("floats", struct)(b"0.3334", b"0.333").score == 1.0
    struct = Struct()
    struct.update({"comparator": "floats", "params": {"abs": 1}, "accepted": ["5"]})
    assert text_comparator("any_of", struct)(b"6", b"1.0").score == 0.0
    assert text_comparator("any_of", struct)(b"5.5", b"1.0").score == 1.0
    struct = Struct()
    struct.update({"points": [1, 2], "unknown": None})
    with pytest.raises(ComparatorError, match="unknown"):
        text_comparator("line_points", struct)


def test_every_name_has_a_description_of_one_line():
    for name, summary in text_comparator_names().items():
        assert 20 < len(summary) <= 120, name
        assert summary.endswith("."), name


def test_unsafe_comparators_that_accept_wrong_answers_say_so():
    described = text_comparator_names()
    assert {name for name in described if "(unsafe)" in described[name]} == UNSAFE - {"verl_sf"}


def test_comparators_nested_too_deep_are_refused():
    params = {}
    for _ in range(20):
        params = {"comparator": "any_of", "params": params}
    with pytest.raises(ComparatorError, match="nested"):
        text_comparator("any_of", params)


def test_a_reason_stays_short_when_everything_in_it_is_escaped():
    reason = text_comparator("any_of", {"accepted": ["x"]})(b"\x1b" * 500, b"\x07" * 500).reason
    assert len(reason) == 400
    assert reason.endswith("…")


def test_a_reason_cuts_long_text_between_characters():
    reason = text_comparator("lines")(("ü" * 100 + "€" * 50).encode(), ("ü" * 100 + "€" * 49).encode()).reason
    assert "\\x" not in reason
    assert "€€€€€" in reason


def test_an_emulator_does_not_start_on_an_output_without_bounds():
    huge = b"1\n" * (1 << 23) + b"2\n"
    assert "are not emulated" in text_comparator("apps_legacy", allow_unsafe=True)(huge, b"1").reason


def test_any_of_can_be_built_over_bytes():
    compare = AnyOf(text_comparator("lines"), (b"\xff",))
    assert compare(b"\xff\n", b"1").score == 1.0

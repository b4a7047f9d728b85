"""What each scheme pays, case by case, and what it refuses."""

import math

import pytest

from sandbox.reward import Outcome, Reward, RewardOutOfRange, Scheme, SchemeError, Scored, Stage, scheme, scheme_names

from .notation import cases, outcome

SCHEMES = sorted(scheme_names())


@pytest.mark.parametrize("case", cases("cases.toml"))
def test_each_scheme_pays_what_its_formula_says(case):
    result = outcome(case["tests"])
    named = {name: case[name] for name in SCHEMES if name in case}
    assert named
    assert {name: scheme(name)(result).value for name in named} == pytest.approx(named)


@pytest.mark.parametrize("case", cases("composite.toml"))
def test_the_composite_follows_its_parameters(case):
    assert scheme("composite", case["params"])(outcome(case["tests"])).value == pytest.approx(case["reward"])


@pytest.mark.parametrize("case", cases("bad_params.toml"))
def test_a_bad_scheme_or_parameter_is_refused_with_its_field_and_the_fix(case):
    with pytest.raises(SchemeError) as caught:
        scheme(case["scheme"], case.get("params", {}))
    assert (caught.value.field, caught.value.suggestion) == (case["field"], case["suggestion"])
    assert caught.value.message == case.get("message", caught.value.message)
    assert caught.value.message in str(caught.value)


def test_the_empty_name_means_pass_fail():
    assert scheme("").name == "pass_fail"


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_has_a_description_on_one_line(name):
    description = scheme_names()[name]
    assert description
    assert "\n" not in description


@pytest.mark.parametrize("name", SCHEMES)
def test_a_program_without_tests_has_no_reward(name):
    with pytest.raises(ValueError, match="no tests"):
        scheme(name)(Outcome((), Stage.ACCEPTED))


def test_a_normalised_bonus_keeps_the_reward_inside_of_one():
    normalised = scheme("pass_plus_fraction", {"lambda": 0.25, "normalise": True})
    assert normalised.range == (0.0, 1.0)
    assert normalised(outcome(["A", "A"])).value == 1.0
    assert normalised(outcome(["A", "W"])).value == pytest.approx(0.1)


def test_the_range_follows_the_parameters():
    assert scheme("pass_plus_fraction", {"lambda": 0.5}).range == (0.0, 1.5)
    assert scheme("composite").range == (0.0, 1.0)
    assert scheme("composite", {"floors": "all"}).range == (-0.5, 1.0)
    assert scheme("composite", {"floors": "all", "low": -0.1, "high": 0.9}).range == (-0.1, 0.9)


def test_the_components_show_every_named_group():
    reward = scheme("ioi_groups")(outcome(["A @a", "W 0.5 @a", "A @b", "A"]))
    assert reward.components == {"pass": 0.0, "fraction": 0.75, "group.a": 0.5, "group.b": 1.0}
    assert scheme("fraction")(outcome(["A @a", "W 0.5 @a"])).components["group.a"] == 0.75


def test_a_failed_test_of_hardly_any_weight_still_keeps_the_reward_below_a_pass():
    result = outcome(["A *1e300", "W *1e-300"])
    for name in SCHEMES:
        made = scheme(name)
        assert made(result).value < made.range[1]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.5, -0.5])
def test_a_number_outside_of_the_promised_range_never_leaves_the_scheme(value):
    broken = Scheme("broken", (0.0, 1.0), lambda _: Reward(value, {}))
    with pytest.raises(RewardOutOfRange, match="broken"):
        broken(outcome(["A"]))


@pytest.mark.parametrize(
    ("passed", "score", "weight", "stage"),
    [
        (True, 0.5, 1.0, Stage.ACCEPTED),
        (True, 1.0, 1.0, Stage.WRONG_ANSWER),
        (False, 1.0, 1.0, Stage.WRONG_ANSWER),
        (False, 0.5, 1.0, Stage.ACCEPTED),
        (False, 0.5, 1.0, Stage.SKIPPED),
        (False, -0.5, 1.0, Stage.WRONG_ANSWER),
        (False, math.nan, 1.0, Stage.WRONG_ANSWER),
        (False, 0.0, 0.0, Stage.WRONG_ANSWER),
        (False, 0.0, -1.0, Stage.WRONG_ANSWER),
        (False, 0.0, math.inf, Stage.WRONG_ANSWER),
        (False, 0.0, math.nan, Stage.WRONG_ANSWER),
    ],
)
def test_a_result_that_contradicts_itself_cannot_be_made(passed, score, weight, stage):
    with pytest.raises(ValueError, match="test 'x'"):
        Scored("x", passed, score, weight, "", stage)


def test_an_outcome_states_the_worst_stage_of_its_tests():
    tests = outcome(["A", "R", "W"]).tests
    assert Outcome.of(tests).stage is Stage.RUNTIME_ERROR
    with pytest.raises(ValueError, match="worst"):
        Outcome(tests, Stage.WRONG_ANSWER)

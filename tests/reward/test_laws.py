"""Laws that hold for every scheme with any parameters, on any program."""

import math
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.reward import Outcome, Scored, Stage, scheme, scheme_names, worst

# A busy machine breaks no law.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAILED = [stage for stage in Stage if stage not in (Stage.ACCEPTED, Stage.SKIPPED)]
STAGE_BLIND = ["pass_fail", "fraction", "ioi_groups", "pass_plus_fraction", "composite"]
SEVERITY = list(Stage).index

weights = st.floats(min_value=0, exclude_min=True, max_value=1e308)
partial_scores = st.one_of(st.just(0.0), st.floats(min_value=0, max_value=1, exclude_max=True))
units = st.floats(min_value=0, max_value=1)


@st.composite
def scored(draw):
    stage = draw(st.sampled_from(Stage))
    score = {Stage.ACCEPTED: 1.0, Stage.SKIPPED: 0.0}.get(stage)
    if score is None:
        score = draw(partial_scores)
    weight = draw(st.one_of(st.just(1.0), weights))
    group = draw(st.sampled_from(["", "a", "b"]))
    return Scored("test", stage is Stage.ACCEPTED, score, weight, group, stage)


def accepted(test):
    return replace(test, passed=True, score=1.0, stage=Stage.ACCEPTED)


def failed(test, stage, score):
    return replace(test, passed=False, score=score, stage=stage)


def skipped(test):
    return failed(test, Stage.SKIPPED, 0.0)


outcomes = st.lists(scored(), min_size=1, max_size=5).map(Outcome.of)
composites = st.fixed_dictionaries(
    {
        "gate": st.floats(min_value=0.5, max_value=1),
        "baseline": st.floats(min_value=0, max_value=1, exclude_max=True),
        "shape": st.sampled_from(["linear", "power4"]),
        "floors": st.sampled_from(["none", "wrong", "all"]),
    },
    optional={"low": st.floats(min_value=-1, max_value=0.4), "high": st.floats(min_value=0.6, max_value=1)},
)
schemes = st.one_of(
    st.sampled_from(sorted(scheme_names())).map(scheme),
    st.builds(
        lambda bonus, flag: scheme("pass_plus_fraction", {"lambda": bonus, "normalise": flag}), units, st.booleans()
    ),
    composites.filter(lambda params: params.get("high", 1) > 1 - params["gate"]).map(
        lambda params: scheme("composite", params)
    ),
)


@unhurried
@given(schemes, outcomes)
def test_a_reward_is_finite_and_inside_its_range(made, outcome):
    reward = made(outcome)
    assert math.isfinite(reward.value)
    assert made.range[0] <= reward.value <= made.range[1]
    assert all(math.isfinite(value) for value in reward.components.values())


@unhurried
@given(schemes, outcomes)
def test_only_a_program_that_passes_everything_gets_the_top_of_the_range(made, outcome):
    assert (made(outcome).value == made.range[1]) == outcome.passed
    assert made(Outcome.of(map(accepted, outcome.tests))).value == made.range[1]


@unhurried
@given(schemes, outcomes, st.data())
def test_passing_one_more_test_never_lowers_the_reward(made, outcome, data):
    index = data.draw(st.integers(0, len(outcome.tests) - 1))
    better = list(outcome.tests)
    better[index] = accepted(better[index])
    assert made(Outcome.of(better)).value >= made(outcome).value


@unhurried
@given(schemes, outcomes, st.data())
def test_a_better_failure_of_one_test_never_lowers_the_reward(made, outcome, data):
    index = data.draw(st.integers(0, len(outcome.tests) - 1))
    first, second = sorted(data.draw(st.lists(st.sampled_from(FAILED), min_size=2, max_size=2)), key=SEVERITY)
    low, high = sorted(data.draw(st.lists(partial_scores, min_size=2, max_size=2)))
    worse, better = list(outcome.tests), list(outcome.tests)
    worse[index] = failed(worse[index], first, low)
    better[index] = failed(better[index], second, high)
    assert made(Outcome.of(better)).value >= made(Outcome.of(worse)).value


@unhurried
@given(schemes, st.lists(scored(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_tests_does_not_matter(made, tests, random):
    shuffled = list(tests)
    random.shuffle(shuffled)
    assert made(Outcome.of(shuffled)).value == made(Outcome.of(tests)).value


@unhurried
@given(schemes, outcomes)
def test_equal_results_give_equal_rewards(made, outcome):
    copied = Outcome(tuple(replace(test) for test in outcome.tests), outcome.stage)
    assert made(copied) == made(outcome)


@unhurried
@given(schemes, outcomes, st.data())
def test_skipping_a_test_that_ran_without_an_error_never_raises_the_reward(made, outcome, data):
    index = data.draw(st.integers(0, len(outcome.tests) - 1))
    ran, not_run = list(outcome.tests), list(outcome.tests)
    wrong = failed(ran[index], Stage.WRONG_ANSWER, data.draw(partial_scores))
    ran[index] = data.draw(st.sampled_from([accepted(ran[index]), wrong]))
    not_run[index] = skipped(ran[index])
    assert made(Outcome.of(not_run)).value <= made(Outcome.of(ran)).value


@unhurried
@given(st.sampled_from(STAGE_BLIND), outcomes, st.data())
def test_where_the_stage_is_not_read_skipping_any_test_never_raises_the_reward(name, outcome, data):
    index = data.draw(st.integers(0, len(outcome.tests) - 1))
    tests = list(outcome.tests)
    tests[index] = skipped(tests[index])
    made = scheme(name)
    assert made(Outcome.of(tests)).value <= made(outcome).value


@unhurried
@given(st.lists(st.sampled_from(Stage), min_size=1))
def test_the_worst_stage_is_the_first_in_the_order_of_the_wire(stages):
    assert worst(stages) is min(stages, key=SEVERITY)

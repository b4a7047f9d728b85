import ast

import pytest

from sandbox.judge.comparators.base import ComparatorError
from sandbox.judge.values.compare import value_comparator, value_comparator_names
from sandbox.judge.values.decode import decode
from sandbox.judge.values.encode import encode
from sandbox.judge.values.trusted import parse_json_args
from sandbox.judge.values.types import Call, Raised

from .cases import compare_tables, table

# Files about one comparator are named after it.
NAMED_AFTER = ("py_eq", "python_eq", "approx", "evalplus", "np")


def value_of(plain):
    import json

    return decode(json.dumps(plain).encode())


def judged(case, name):
    comparator = value_comparator(
        case.get("comparator", name), case.get("params", {}), allow_unsafe=case.get("allow_unsafe", False)
    )
    actual = Raised(*case["raised"]) if "raised" in case else value_of(case["actual"])
    expected = ast.literal_eval(case["literal"]) if "literal" in case else value_of(case["expected"])
    call = Call(parse_json_args(encode([value_of(arg) for arg in case["args"]]))) if "args" in case else None
    return comparator(actual, expected, call)


@pytest.mark.parametrize("case", table(*compare_tables()))
def test_every_case_of_the_tables_is_judged_as_it_says(case, request):
    file = request.node.callspec.id.partition(":")[0]
    assert file in NAMED_AFTER or "comparator" in case

    comparison = judged(case, file)

    assert comparison.score == (1.0 if case["accept"] else 0.0), comparison.reason
    assert case.get("reason", "") in comparison.reason
    assert bool(comparison.reason) is not case["accept"]


@pytest.mark.parametrize("case", table(*compare_tables()))
def test_every_reason_is_one_printable_line_of_at_most_400_characters(case, request):
    reason = judged(case, request.node.callspec.id.partition(":")[0]).reason

    assert len(reason) <= 400
    assert reason.isprintable()


@pytest.mark.parametrize("case", table("params.jsonl"))
def test_a_wrong_name_or_parameter_is_an_error_that_names_its_field(case):
    with pytest.raises(ComparatorError) as caught:
        value_comparator(case["comparator"], case.get("params", {}))

    assert caught.value.field == case["field"]
    assert case["message"] in caught.value.message
    assert case.get("suggestion", "") in caught.value.suggestion


def test_no_name_means_py_eq():
    assert value_comparator("")(True, 1).score == 0.0
    assert value_comparator("")((1,), [1]).score == 1.0


def test_every_comparator_is_described_and_has_cases():
    import json

    from .cases import FOLDER

    used = {
        json.loads(line).get("comparator", path.stem)
        for path in (FOLDER / "compare").glob("*.jsonl")
        for line in path.read_text().splitlines()
        if line.strip() and not line.startswith("#")
    }

    assert set(value_comparator_names()) == used
    assert all(value_comparator_names().values())


def test_what_can_be_unsafe_says_so_in_its_description():
    for case in table("params.jsonl"):
        (values,) = case.values
        if values["message"] == "is unsafe":
            assert "unsafe" in value_comparator_names()[values["comparator"]]


def test_sticky_evalplus_keeps_the_tolerance_of_an_earlier_test():
    sticky = value_comparator("evalplus", {"sticky": True}, allow_unsafe=True)
    lenient = [1.0000001, 1], [1.0, 1]

    assert sticky(*lenient).score == 0.0
    assert sticky(0.5, 0.5).score == 1.0
    assert sticky(*lenient).score == 1.0


def test_evalplus_forgets_the_tolerance_of_an_earlier_test_by_default():
    comparator = value_comparator("evalplus")
    lenient = [1.0000001, 1], [1.0, 1]

    assert comparator(0.5, 0.5).score == 1.0
    assert comparator(*lenient).score == 0.0


def test_a_special_comparator_without_the_call_it_needs_is_a_mistake_of_the_judge():
    with pytest.raises(ComparatorError):
        value_comparator("special", {"name": "mbpp/581"})(33, 33)


def test_expected_objects_that_are_not_plain_data_are_never_equal():
    thing = object()

    assert value_comparator("")(thing, thing).score == 0.0


def test_one_nan_object_on_both_sides_is_still_not_equal():
    nan = float("nan")

    assert value_comparator("")([nan, 1.0], [nan, 1.0]).score == 0.0
    assert value_comparator("python_eq")((nan,), (nan,)).score == 0.0


def test_the_difference_is_named_by_its_path_however_deep_and_long():
    key = "k" * 1000
    actual, expected = 1, 2
    for _ in range(150):
        actual, expected = {key: [actual]}, {key: [expected]}

    reason = value_comparator("")(actual, expected).reason

    assert len(reason) <= 400
    assert reason.endswith("[0]: expected 2, got 1")

import pytest

from sandbox.judge.values.encode import encode
from sandbox.judge.values.trusted import InvalidPlainJson, parse_json_args, parse_json_kwargs, parse_json_value


def test_arguments_are_a_list_and_keyword_arguments_a_dictionary():
    assert parse_json_args('[1, {"$tuple": [2]}]') == [1, (2,)]
    assert parse_json_kwargs('{"a": 1}') == {"a": 1}
    assert parse_json_value("null") is None


def test_empty_text_means_no_arguments_but_no_value_either():
    assert parse_json_args("") == []
    assert parse_json_kwargs("") == {}
    with pytest.raises(InvalidPlainJson) as caught:
        parse_json_value("")
    assert caught.value.suggestion == "Python's None is written null"


@pytest.mark.parametrize(
    ("parse", "text", "field"),
    [
        (parse_json_args, "{}", "args_json"),
        (parse_json_args, '{"$tuple": [1]}', "args_json"),
        (parse_json_args, "[1", "args_json"),
        (parse_json_args, "[NaN]", "args_json"),
        (parse_json_kwargs, "[]", "kwargs_json"),
        (parse_json_kwargs, '{"$dict": [["a", 1]]}', "kwargs_json"),
        (parse_json_value, '"\ud800', "expected_json"),
        (parse_json_value, '[{"$opaque": "x"}]', "expected_json"),
        (parse_json_value, '{"$set": [[1, 2]]}', "expected_json"),
    ],
)
def test_errors_name_their_field(parse, text, field):
    with pytest.raises(InvalidPlainJson) as caught:
        parse(text)

    assert caught.value.field == field
    assert caught.value.message
    assert str(caught.value) == f"{field}: {caught.value.message}"


def test_the_field_can_be_the_full_path():
    with pytest.raises(InvalidPlainJson, match=r"^tests\[3\]\.call\.args_json: "):
        parse_json_args("1", "tests[3].call.args_json")


def test_large_decimal_integers_of_a_trainer_reach_the_program_in_hexadecimal():
    digits = "9" * 20_000

    assert encode(parse_json_value(digits)).startswith('{"$int":"0x')


def test_sets_and_dictionaries_of_a_trainer_are_passed_on_as_they_are():
    sets = '{"$set":[1,2]},{"$frozenset":["a"]}'
    text = f'[{sets},{{"$dict":[[1,{{"$tuple":[2]}}]]}},{{"$ndarray":{{"dtype":"|i1","shape":[1],"data":"AA=="}}}}]'

    assert encode(parse_json_args(text)) == text

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.jail.init import plain
from sandbox.judge.values.compare import value_comparator
from sandbox.judge.values.decode import decode
from sandbox.judge.values.encode import encode
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.types import Value

from .cases import table

relaxed = settings(deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow])

PYTHON_EQ = value_comparator("python_eq")
PY_EQ_WITH_NAN = value_comparator("py_eq", {"nan_equal": True, "tuple_as_list": "none"})

integers = st.integers() | st.integers(min_value=-(2**70), max_value=2**70) | st.sampled_from([2**63, -(2**63), 2**200])
# JSON cannot tell a pair of surrogates from the character that the pair means, so only low ones are drawn.
text = st.text() | st.text(st.sampled_from('$a\0\n"\\\udc00é☃'))
hashable_leaves = (
    st.none()
    | st.booleans()
    | integers
    | st.floats(allow_nan=False)
    | text
    | st.binary()
    | st.decimals(allow_nan=False, places=3)
    | st.fractions()
    | st.complex_numbers(allow_nan=False)
    | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 9))
)
hashables = st.recursive(
    hashable_leaves,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
values = st.recursive(
    hashable_leaves | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(text, inner, max_size=5)
        | st.dictionaries(hashables, inner, max_size=5)
        | st.sets(hashables, max_size=5)
        | st.frozensets(hashables, max_size=5)
    ),
    max_leaves=20,
)
leaves_and_nan = st.floats() | st.complex_numbers() | st.decimals() | integers


def read(text: str) -> Value:
    return decode(text.encode("ascii"))


@relaxed
@given(values)
def test_what_a_program_writes_the_judge_reads_as_an_equal_value(value):
    assert PYTHON_EQ(read(plain.encode(value)), value).score == 1.0


@relaxed
@given(values)
def test_what_the_judge_writes_a_program_reads_as_an_equal_value(value):
    assert plain.decode(encode(value)) == value


@relaxed
@given(values)
def test_what_the_judge_read_it_writes_without_loss(value):
    text = plain.encode(value)

    assert encode(read(text)) == text


@relaxed
@given(st.recursive(leaves_and_nan, lambda inner: st.lists(inner) | st.lists(inner).map(tuple), max_leaves=10))
def test_nan_survives_the_way(value):
    assert PY_EQ_WITH_NAN(read(plain.encode(value)), value).score == 1.0


@relaxed
@given(values, values)
def test_python_eq_agrees_with_python(one, other):
    assert (PYTHON_EQ(read(plain.encode(one)), other).score == 1.0) == (one == other)


@relaxed
@given(st.lists(hashables, max_size=6), st.lists(hashables, max_size=6))
def test_comparing_sets_agrees_with_python(one, other):
    one_set, other_set = set(one), set(other)

    assert (PYTHON_EQ(read(plain.encode(one_set)), other_set).score == 1.0) == (one_set == other_set)
    assert (value_comparator("set_eq", {"bool_as_int": True})(one, other).score == 1.0) == (one_set == other_set)


@relaxed
@given(leaves_and_nan, leaves_and_nan)
def test_the_equality_of_numbers_agrees_with_python(one, other):
    try:
        same = one == other
    except ArithmeticError:  # a signalling nan
        same = False

    assert (PYTHON_EQ(one, other).score == 1.0) == same
    assert (PYTHON_EQ(read(plain.encode({1: one})), {1: other}).score == 1.0) == same


@relaxed
@given(st.permutations(range(6)), st.lists(hashables, min_size=6, max_size=6))
def test_multiset_eq_does_not_see_the_order(order, items):
    items = [item for item in items if item == item]
    shuffled = [items[index] for index in order if index < len(items)]

    assert value_comparator("multiset_eq")(shuffled, items).score == 1.0
    assert value_comparator("unordered")([shuffled, []], [[], items]).score == 1.0


@relaxed
@given(st.binary())
def test_arbitrary_bytes_are_a_value_or_malformed(data):
    reads_or_refuses(data)


@relaxed
@given(st.text(st.sampled_from('[]{}",:0123456789.eE-+$abx \\u\n')))
def test_texts_that_look_like_json_are_a_value_or_malformed(text):
    reads_or_refuses(text.encode())


@relaxed
@given(st.data())
def test_mutated_texts_are_a_value_or_malformed(data):
    text = bytearray(data.draw(values.map(plain.encode) | case_texts).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 4)))
        text[start:end] = data.draw(st.binary(max_size=3) | st.sampled_from(fragments))
    reads_or_refuses(bytes(text))


@relaxed
@given(st.recursive(hashable_leaves | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(text, inner)))
def test_any_json_under_any_tag_is_a_value_or_malformed(body):
    for tag in tags:
        reads_or_refuses(json.dumps({tag: json.loads(plain.encode(body))}).encode())


case_texts = st.sampled_from([case.values[0]["text"] for case in table("wellformed.jsonl")])
fragments = [
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b'"',
    b"$",
    b"\\",
    b"0x",
    b"1e999",
    b"NaN",
    b"\xff",
    b'{"$int":"0x1"}',
    b"\0",
]
tags = [
    *("$int", "$float", "$complex", "$bytes", "$bytearray", "$decimal", "$fraction", "$range", "$ndarray"),
    *("$tuple", "$set", "$frozenset", "$dict", "$opaque", "$handle", "$"),
]


def reads_or_refuses(data: bytes):
    try:
        value = decode(data)
    except MalformedValue as error:
        assert error.reason.isprintable()
        assert 0 < len(error.reason) <= 400
    else:
        assert encode(decode(encode(value).encode())) == encode(value)

"""Values made to hurt whoever reads or compares them. Each test ends at once, or the suite hangs."""

import time
import tracemalloc
from decimal import Decimal

import pytest

from sandbox.jail.init import plain
from sandbox.judge.claims import read_claims
from sandbox.judge.lifting import lift
from sandbox.judge.native import python_equal, to_python
from sandbox.judge.values.compare import value_comparator, value_comparator_names
from sandbox.judge.values.decode import decode
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.types import Call, Opaque, PlainSet

MEBIBYTE = 1 << 20
MERSENNE = 2**61 - 1  # Python's hash of an integer is the integer modulo this


def comparators():
    for name in value_comparator_names():
        for params in {"special": [{"name": "humaneval/32"}, {"name": "mbpp/558"}, {"name": "mbpp/581"}]}.get(
            name, [{}]
        ):
            yield value_comparator(name, params)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 16 * MEBIBYTE,
        b"[" * 700 + b"]" * 700,
        b'{"a":' * MEBIBYTE,
        b'{"$tuple":[' * MEBIBYTE,
        b"[" + b"[]," * MEBIBYTE * 5 + b"[]]",
        b"[" + b"0," * MEBIBYTE * 7 + b"0]",
        b"1" * 16 * MEBIBYTE,
        b"-" + b"1" * 5000,
        b'{"$decimal":"' + b"1" * MEBIBYTE + b'"}',
        b'{"$fraction":["0x' + b"1" * MEBIBYTE + b'","0x7"]}',
        b'{"$range":[0,{"$int":"0x' + b"1" * MEBIBYTE + b'"},3]}',
        b'{"$ndarray":{"dtype":"|i1","shape":[' + b"1," * 100 + b'1],"data":"AA=="}}',
        b"1e1000000",
        b"[" + b"1e400," * 1000 + b"1]",
        b"\0" * MEBIBYTE,
        b'"\\ud800' + b"\\" * MEBIBYTE,
    ],
    ids=range(16),
)
def test_bombs_are_malformed(data):
    with pytest.raises(MalformedValue):
        decode(data)


@pytest.mark.parametrize(
    "text",
    [
        '{"$int": "0x' + "f" * MEBIBYTE + '"}',
        '[{"$int": "-0x' + "f" * 100_000 + '"}]',
        "1." + "1" * MEBIBYTE,
        '{"$decimal": "1E+4300"}',
        '{"$decimal": "0E+4300"}',
        '{"$decimal": "' + "9" * 4300 + '"}',
        '{"$decimal": "sNaN123"}',
        '{"$fraction": ["0x' + "f" * 4000 + '", "0x' + "7" * 4000 + '"]}',
        '{"$range": [0, {"$int": "0x' + "f" * 1000 + '"}, 1]}',
        '{"$range": [-9223372036854775807, 9223372036854775807, 1]}',
        '"\\ud800\\u0000\\udfff"',
        '{"\\ud800": "\\u0000"}',
        '["' + "\\u202e" * 1000 + '"]',
        '{"$float": "nan"}',
        '[[{"$float": "nan"}], {"$set": [{"$float": "nan"}]}]',
        '{"$complex": [{"$float": "nan"}, {"$float": "inf"}]}',
        '{"$complex": [1e308, 1e308]}',
        '{"$opaque": "' + "x" * 1000 + '\\n\\ud800"}',
        "[" * 200 + "]" * 200,
        '{"$tuple":[' * 200 + "]}" * 200,
        '{"$frozenset":[' * 200 + "]}" * 200,
        '{"$dict":[[1,' * 200 + "1" + "]]}" * 200,
        '{"$ndarray": {"dtype": "<f2", "shape": [0, 9223372036854775807], "data": ""}}',
        '{"$dict": [[1, 2], [1.0, 3], [{"$float": "nan"}, 4], [{"$opaque": "x"}, 5]]}',
        "[" + "[]," * 1000 + "[]]",
        '["' + "a" * MEBIBYTE + '"]',
    ],
    ids=range(26),
)
def test_no_value_makes_a_comparator_raise_or_say_something_long(text):
    value, again = decode(text.encode()), decode(text.encode())
    others = [0, 1.5, "a", None, True, [1], (1.0,), {1}, {"a": 1}, {1: 2}, 10**5000, 1j, b"x", value, again]

    for comparator in comparators():
        for other in others:
            for actual, expected in ((value, other), ([value], [other]), ({"k": value}, {"k": other})):
                comparison = comparator(actual, expected, Call([1, 2]))

                assert comparison.score in (0.0, 1.0)
                assert len(comparison.reason) <= 400
                assert comparison.reason.isprintable()


def test_members_whose_hashes_collide_are_read_and_compared_in_linear_time():
    members = [number * MERSENNE for number in range(30_000)]
    claim = decode(('{"$set":[' + ",".join(map(plain.encode, members)) + "]}").encode())
    mixed = PlainSet([*members[:-1], "a"])

    assert value_comparator("")(claim, PlainSet(members)).score == 1.0
    assert value_comparator("")(claim, mixed).score == 0.0
    assert value_comparator("set_eq")(list(claim.items), members).score == 1.0
    assert value_comparator("multiset_eq")(list(claim.items), members).score == 1.0


def test_keys_whose_hashes_collide_are_read_and_compared_in_linear_time():
    pairs = ",".join(f"[{plain.encode(number * MERSENNE)},0]" for number in range(30_000))
    claim = decode(f'{{"$dict":[{pairs}]}}'.encode())

    assert value_comparator("")(claim, decode(f'{{"$dict":[{pairs}]}}'.encode())).score == 1.0
    assert value_comparator("", {"str_keys": True})(claim, {"0": 0}).score == 0.0


def test_the_program_side_survives_deep_and_endless_values():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    endless = {"list": []}
    endless["list"].append(endless)

    assert plain.encode(deep) == "[" * 200 + '{"$opaque":"too deep"}' + "]" * 200
    assert plain.encode(endless) == '{"list":[{"$opaque":"cycle"}]}'
    assert plain.encode([[1], [1]]) == "[[1],[1]]"


def test_a_value_that_comes_twice_is_not_a_cycle():
    shared = [[1], (2,)]

    assert plain.encode([shared, shared]) == plain.encode([[[1], (2,)], [[1], (2,)]])


def test_what_is_as_deep_as_it_may_be_can_be_read():
    value = {(): 1j}
    for _ in range(198):
        value = {(1,): value}

    assert value_comparator("")(decode(plain.encode(value).encode()), value).score == 1.0


@pytest.mark.parametrize("code", ["sorted(f(1)) == [1]", "min(f(1)) == 1", "len(set(f(1))) == 2"])
def test_a_long_integer_beside_a_decimal_is_never_compared_with_it(code):
    claim = b'V [{"$int":"0x' + b"f" * MEBIBYTE + b'"},{"$decimal":"5"}]\n'
    lifted = lift(f"assert {code}", "f")

    began = time.process_time()
    (value,) = (to_python(each) for each in read_claims(claim, 1))

    assert isinstance(value, Opaque)
    assert not lifted.asserts[0].check.judge(value, python_equal)
    assert time.process_time() - began < 1


def test_long_integers_alone_and_short_ones_beside_decimals_are_what_they_are():
    assert to_python([1 << 100_000, 1.5]) == [1 << 100_000, 1.5]
    assert to_python({"a": (5, Decimal("1.5"))}) == {"a": (5, Decimal("1.5"))}


def test_short_texts_of_long_numbers_take_little_memory_as_keys():
    claim = decode(b'{"$set":[{"$tuple":[' + b"1e308," * 60_000 + b"1]}]}")

    tracemalloc.start()
    assert value_comparator("")(claim, PlainSet([1])).score == 0.0
    assert tracemalloc.get_traced_memory()[1] < 12 * MEBIBYTE
    tracemalloc.stop()
    with pytest.raises(MalformedValue):
        decode(b"[" + b'{"$decimal":"1E+4300"},' * 20_000 + b"1]")
    assert len(decode(b"[" + b'{"$decimal":"1E+4300"},' * 10_000 + b"1]")) == 10_001


def test_numbers_of_many_digits_are_told_apart_as_members():
    members = [1 << 1000, (1 << 1000) + 1, 10**400]

    assert value_comparator("set_eq")(members, members[::-1]).score == 1.0
    assert value_comparator("set_eq")([*members[:2], 10**400 + 1], members).score == 0.0
    assert value_comparator("set_eq")([*members[:2], Decimal("1E+400")], members).score == 1.0

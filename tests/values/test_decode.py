import base64
import math
import struct
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pytest

from sandbox.judge.values import structure
from sandbox.judge.values.bounds import Bounds
from sandbox.judge.values.decode import decode
from sandbox.judge.values.encode import encode
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.types import NdArray, Opaque, PlainDict, PlainSet

from .cases import table

NAMES = {"Decimal": Decimal, "Fraction": Fraction, "NdArray": NdArray}


def identical(decoded, value):
    """Equal and of the same types all the way down; stand-ins count as what they stand for."""
    if isinstance(decoded, PlainSet):
        matching = frozenset if decoded.frozen else set
        return type(value) is matching and same_members(decoded.items, value)
    if isinstance(decoded, PlainDict):
        return type(value) is dict and same_members(decoded.pairs, value.items())
    if type(decoded) is not type(value):
        return False
    if isinstance(value, NdArray):
        return (decoded.dtype, decoded.shape, decoded.data) == (value.dtype, value.shape, value.data)
    if isinstance(value, (list, tuple)):
        return len(decoded) == len(value) and all(map(identical, decoded, value))
    if isinstance(value, dict):
        return list(decoded) == list(value) and all(identical(decoded[key], value[key]) for key in value)
    if isinstance(value, float):
        return struct.pack("d", decoded) == struct.pack("d", value) or (math.isnan(decoded) and math.isnan(value))
    if isinstance(value, Decimal):
        return str(decoded) == str(value)
    return decoded == value


def same_members(decoded: Iterable, value: Iterable):
    left = list(value)
    for item in decoded:
        match = next((other for other in left if identical(item, other)), None)
        if match is None and None not in left:
            return False
        left.remove(match)
    return not left


@pytest.mark.parametrize("case", table("wellformed.jsonl"))
def test_well_formed_text_is_read_as_the_value_that_it_writes(case):
    assert identical(decode(case["text"].encode()), eval(case["value"], NAMES))


@pytest.mark.parametrize("case", table("wellformed.jsonl"))
def test_what_was_read_is_written_as_the_same_value(case):
    decoded = decode(case["text"].encode())

    assert identical(decode(encode(decoded).encode()), eval(case["value"], NAMES))


@pytest.mark.parametrize("case", table("malformed.jsonl"))
def test_malformed_text_is_refused_with_a_reason(case):
    data = base64.b64decode(case["bytes"]) if "bytes" in case else case["text"].encode()

    with pytest.raises(MalformedValue) as caught:
        decode(data)

    assert case["reason"] in caught.value.reason
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) <= 400


@pytest.mark.parametrize("case", table("malformed.jsonl"))
@pytest.mark.parametrize(
    "around", [b"[0, %b]", b'{"a": %b}', b'{"$tuple": [%b]}', b'{"$dict": [[1, %b]]}', b'{"$set": [%b]}']
)
def test_malformed_text_is_refused_inside_other_values_too(case, around):
    data = base64.b64decode(case["bytes"]) if "bytes" in case else case["text"].encode()

    with pytest.raises(MalformedValue):
        decode(around.replace(b"%b", data.strip() or b","))


def test_opaque_values_are_read_where_a_program_speaks():
    value = decode(b'{"$opaque": "generator"}')

    assert isinstance(value, Opaque)
    assert value.type_name == "generator"
    assert not value.overrides


@pytest.mark.parametrize(
    "text", ['{"$opaque": "E", "overrides": ["__eq__"]}', '{"overrides": ["__eq__"], "$opaque": "E"}']
)
def test_an_opaque_value_says_whether_its_class_defines_equality(text):
    value = decode(text.encode())

    assert isinstance(value, Opaque)
    assert (value.type_name, value.overrides) == ("E", True)
    assert encode([value]) == '[{"$opaque":"E","overrides":["__eq__"]}]'


@pytest.mark.parametrize(
    ("bounds", "fits", "too_much"),
    [
        (Bounds(max_bytes=5), b"12345", b"123456"),
        (Bounds(max_depth=2), b"[[1]]", b"[[[]]]"),
        (
            Bounds(max_depth=2),
            b'{"$tuple": [{"$dict": [[1, {"$float": "nan"}]]}]}',
            b'{"$tuple": [{"$dict": [[1, []]]}]}',
        ),
        (Bounds(max_depth=1), b'[{"$ndarray": {"dtype": "|i1", "shape": [1], "data": "AA=="}}]', b"[{}]"),
        (Bounds(max_nodes=3), b"[1, 2]", b"[1, 2, 3]"),
        (Bounds(max_nodes=3), b'{"a": [1]}', b'{"a": [1, 2]}'),
        (Bounds(max_nodes=3), b'{"$dict": [[1, 2]]}', b'{"$dict": [[1, 2], [3, 4]]}'),
        (
            Bounds(max_nodes=3),
            b'{"$ndarray": {"dtype": "|i1", "shape": [2], "data": "AAA="}}',
            b'{"$ndarray": {"dtype": "|i1", "shape": [3], "data": "AAAA"}}',
        ),
        (Bounds(max_text=3), b'["abc"]', b'["abcd"]'),
        (Bounds(max_text=3), b'{"abc": 1}', b'{"abcd": 1}'),
        (Bounds(max_digits=3), b"[-999]", b"[1000]"),
        (Bounds(max_digits=3), b'"12345"', b"12345"),
        (Bounds(max_digits=5), b'{"$decimal": "-1.2345"}', b'{"$decimal": "1.23456"}'),
        (Bounds(max_digits=5), b'{"$decimal": "1.5E+5"}', b'{"$decimal": "15E+5"}'),
        (Bounds(max_digits=5), b'{"$decimal": "1E+5"}', b'{"$decimal": "1E+6"}'),
        (Bounds(max_digits=5), b'{"$fraction": ["0x1", "0xfff"]}', b'{"$fraction": ["0x1", "0xffff"]}'),
        (Bounds(), b"9" * 4300, b"9" * 4301),
    ],
)
def test_each_bound_is_kept_to_the_last_one(bounds, fits, too_much):
    decode(fits, bounds=bounds)
    with pytest.raises(MalformedValue):
        decode(too_much, bounds=bounds)


def test_brackets_and_commas_in_strings_count_neither_as_depth_nor_as_values():
    text = '[{"\\\\": "' + '[{,\\\\\\"' * 400 + '"}, "\\"[[", "]"]'

    assert decode(text.encode(), bounds=Bounds(max_depth=2, max_nodes=5))[0]["\\"] == '[{,\\"' * 400


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_brackets_are_counted_across_the_blocks_of_a_long_text(block, monkeypatch):
    monkeypatch.setattr(structure, "_BLOCK", block)
    inside = b",".join([b'["]",[],"[[[["]'] * 20)

    assert len(decode(b"[" + inside + b"]", bounds=Bounds(max_depth=3))) == 20
    with pytest.raises(MalformedValue, match="more than 3 deep"):
        decode(b"[" * 12 + inside + b"]" * 12, bounds=Bounds(max_depth=3))


def test_long_decimal_integers_are_read_exactly():
    digits = "1234567890" * 2000

    value = decode(f"[-{digits}, {digits}]".encode(), bounds=Bounds(max_digits=20_000))

    assert value[0] == -value[1]
    remainder = 0
    for digit in digits:
        remainder = (remainder * 10 + int(digit)) % 1_000_003
    assert value[1] % 1_000_003 == remainder

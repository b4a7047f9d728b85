"""One record, one sequence of bytes."""

from __future__ import annotations

import json
import math

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.journal.canonical import MAX_BYTES, RecordError, canonical, decode, encode, parse
from sandbox.journal.record import Record
from sandbox.model.effects import Class
from tests.journal.bodies import BODIES, EXECUTED, TEXT, VALUES

TIMES = st.integers(0, 10**19)
RECORDS = st.builds(
    Record,
    seq=st.integers(0, 10**15 - 1),
    ts=TIMES,
    mono_ns=TIMES,
    session=TEXT.map(lambda text: text.replace("\0", "")),
    action=TEXT.map(lambda text: text.replace("\0", "")),
    principal=TEXT,
    traceparent=TEXT,
    kind=st.sampled_from(["planned", "executed", "clr"]),
    body=BODIES,
)


def safe(value: object) -> bool:
    """Whether JCS alone can say it."""
    if isinstance(value, dict):
        return all(safe(each) for each in value.values())
    if isinstance(value, list):
        return all(safe(each) for each in value)
    return not isinstance(value, int) or abs(value) < 2**53


@given(VALUES.filter(safe))
@example({"\ue000": 1, "😀": 2})
@example({"é": [1.0, -0.0, 1e21, 1e-7, 5e-324], "": '\x7f\x1f\u2028\\"\b\f/'})
@settings(deadline=None, max_examples=300)
def test_the_quick_form_is_what_rfc8785_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
@settings(deadline=None, max_examples=300)
def test_what_was_written_is_read_again_large_integers_among_it(value: object) -> None:
    assert parse(canonical(value)) == value
    assert canonical(parse(canonical(value))) == canonical(value)


@given(RECORDS)
@settings(deadline=None, max_examples=150)
def test_a_record_survives_and_is_jcs(record: Record) -> None:
    data = encode(record)
    assert decode(data) == record
    numbers = json.loads(data, parse_int=lambda text: int(text) if len(text) < 16 else float(text))
    assert rfc8785.dumps(numbers) == data


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 10**30])
def test_an_integer_beyond_a_double_is_a_tagged_string(number: int) -> None:
    assert canonical({"ino": number}) == b'{"ino":{"$int":"%d"}}' % number


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        {"\udfff": 1},
        math.nan,
        math.inf,
        b"bytes",
        {1: 2},
        {None: 2},
        {"$int": "7"},
        {1, 2},
        Class.PURE,
        object(),
    ],
)
def test_what_is_no_plain_json_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        canonical({"value": value})


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(RecordError):
        canonical({"value": 10**5000})


def test_nesting_is_bounded() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(RecordError, match="nested deeper"):
        canonical(deep)


def test_a_record_that_is_too_large_names_the_blob_store() -> None:
    record = Record(0, 1, 1, "", "", "", "", "clr", {"value": "x" * MAX_BYTES})
    with pytest.raises(RecordError) as caught:
        encode(record)
    assert "blob store" in caught.value.fix
    largest = "x" * (MAX_BYTES - 300)
    assert decode(encode(Record(2**53 - 1, 10**19, 10**19, "", "", "", "", "clr", {"value": largest})))


@pytest.mark.parametrize("name", ["action", "session"])
def test_a_name_with_a_zero_character_is_refused(name: str) -> None:
    names = {"action": "", "session": "", name: "a\0b"}
    with pytest.raises(RecordError, match="zero character"):
        encode(Record(0, 1, 1, names["session"], names["action"], "", "", "clr", {}))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RecordError, match="no kind"):
        encode(Record(0, 1, 1, "", "", "", "", "undelete", {}))  # type: ignore[arg-type]


GOOD = encode(Record(5, 10**18, 7, "s", "a", "p", "", "executed", EXECUTED))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 60_000,
        b" " + GOOD,
        GOOD + b" ",
        GOOD.replace(b'"v":1', b'"v":2'),
        GOOD.replace(b'"v":1', b'"v":1.0'),
        GOOD.replace(b'"seq":5', b'"seq":5.0'),
        GOOD.replace(b'"seq":5', b'"seq":"5"'),
        GOOD.replace(b'"seq":5', b'"seq":NaN'),
        GOOD.replace(b'"mono_ns":"7"', b'"mono_ns":"07"'),
        GOOD.replace(b'"mono_ns":"7"', b'"mono_ns":"-7"'),
        GOOD.replace(b'"mono_ns":"7"', '"mono_ns":"٧"'.encode()),
        GOOD.replace(b'"exit":0', b'"exit":0,"exit":0'),
        GOOD.replace(b'"exit":0', b'"exit":{"$int":"7"}'),
        GOOD.replace(b'"exit":0', b'"exit":9007199254740993'),
        GOOD.replace(b'"exit":0', b'"exit":1e999'),
        GOOD.replace(b'"exit":0', b'"exit":' + b"9" * 5000),
        GOOD.replace(b'"principal":"p"', b'"principal":"\\u0070"'),
        GOOD.replace(b'"principal":"p"', b'"principal":"\\ud800"'),
        GOOD.replace(b'"principal":"p",', b""),
        GOOD.replace(b'"kind":"executed"', b'"kind":"Executed"'),
        GOOD.replace(b'"body":{', b'"body":[{').replace(b'},"kind"', b'}],"kind"'),
    ],
)
def test_bytes_that_are_nearly_a_record_are_none(data: bytes) -> None:
    assert decode(GOOD).seq == 5
    assert data != GOOD
    with pytest.raises(RecordError):
        decode(data)


@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.integers(0, 40))
@settings(deadline=None, max_examples=300)
def test_hostile_bytes_are_a_record_error_or_a_record(junk: bytes, at: int, cut: int) -> None:
    data = GOOD[:at] + junk + GOOD[at + cut :]
    try:
        assert encode(decode(data)) == data
    except RecordError:
        pass

"""The fast forms of outputs against plain definitions of what they mean, also across the bounds of blocks."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.judge.comparators import text, text_comparator

SEARCH = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
outputs = st.lists(
    st.sampled_from([b"a", b"b1", b" ", b"  ", b"\t", b"\n", b"\n\n", b"\r\n", b"\r", b"\x0b", b"\x0c"])
).map(b"".join)
pieces = st.text("ab ", max_size=30)


@pytest.fixture(autouse=True, params=[3, 1 << 18], ids=["tiny blocks", "real blocks"])
def block_size(request, monkeypatch):
    monkeypatch.setattr(text, "BLOCK", request.param)
    monkeypatch.setattr(text, "_SMALL", min(request.param, 1 << 10))


def plain_lines(data):
    lines = [line.rstrip() for line in data.split(b"\n")]
    while lines and not lines[-1]:
        del lines[-1]
    return lines


def plain_token_lines(data):
    lines = [line.split() for line in data.split(b"\n")]
    while lines and not lines[-1]:
        del lines[-1]
    return lines


def plain_breaks(data):
    return [line.split() for line in data.replace(b"\r", b"\n").split(b"\n") if line.split()]


SAME = [
    (text.rstrip_lines, lambda data: b"\n".join(plain_lines(data))),
    (text.one_line, lambda data: b" ".join(data.split())),
    (text.token_lines, lambda data: b"\n".join(map(b" ".join, plain_token_lines(data)))),
    (text.token_breaks, lambda data: b"\n".join(map(b" ".join, plain_breaks(data)))),
    (lambda data: list(text.tokens(data)), bytes.split),
    (lambda data: list(text.units(data, b"\n")), lambda data: data.split(b"\n") if data else []),
    (partial(text.map_lines, change=bytes.strip), lambda data: b"\n".join(map(bytes.strip, data.split(b"\n")))),
]


@pytest.mark.parametrize(("fast", "plain"), SAME)
@given(outputs)
@SEARCH
def test_the_fast_form_is_the_plain_definition(fast, plain, data):
    assert fast(data) == plain(data)


@given(outputs)
@SEARCH
def test_dropping_empty_lines_drops_all_of_them(data):
    plain = b"\n".join(line for line in map(bytes.strip, data.split(b"\n")) if line)
    assert text.map_lines(data, bytes.strip, keep_empty=False) == plain


@given(outputs)
@SEARCH
def test_tokens_and_breaks_spell_the_form_again(data):
    form = text.token_lines(data)
    spelled = b" ".join(text.tokens_and_breaks(form)).replace(b" \n", b"\n").replace(b"\n ", b"\n")
    assert spelled == form


@given(outputs, outputs)
@SEARCH
def test_the_first_difference_is_where_the_equal_beginning_ends(one, other):
    at = text.first_difference(one, other)
    assert one[:at] == other[:at]
    assert at == min(len(one), len(other)) or one[at] != other[at]


@given(outputs, outputs)
@SEARCH
def test_lines_and_tokens_accept_exactly_what_their_definitions_say(one, other):
    verdicts = {name: text_comparator(name)(one, other).score == 1.0 for name in ("lines", "tokens", "tokens_lines")}
    assert verdicts == {
        "lines": plain_lines(one) == plain_lines(other),
        "tokens": one.split() == other.split(),
        "tokens_lines": plain_token_lines(one) == plain_token_lines(other),
    }

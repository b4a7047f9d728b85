"""Laws of the plain values."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.effects.http.episode import Keys
from sandbox.effects.http.merge import apply_merge, merge_patch
from sandbox.effects.http.messages import AddressError, Call, canonical_body, fingerprint, join, parse_url

LEAVES = st.one_of(st.booleans(), st.integers(-5, 5), st.text(max_size=3))
FLAT = st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3)
OBJECTS = st.dictionaries(st.sampled_from("abc"), LEAVES | FLAT | st.lists(LEAVES, max_size=2), max_size=3)

# A busy machine is no failure.
LAWS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@LAWS
@given(OBJECTS, OBJECTS)
def test_a_merge_patch_leads_from_any_object_to_any_other(now: object, wanted: object) -> None:
    found = apply_merge(now, merge_patch(now, wanted))
    assert json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)


@LAWS
@given(OBJECTS)
def test_the_order_of_keys_and_what_is_volatile_do_not_count(data: dict) -> None:
    url = parse_url("https://a.test/x?b=2&a=1")
    turned = dict(reversed(list(data.items())))
    one = Call("POST", url, (), json.dumps({**data, "ref": 1}).encode())
    other = Call("POST", url._replace(query="a=1&b=2"), (), json.dumps({"ref": 2, **turned}, indent=1).encode())
    assert fingerprint(one, ["ref"]) == fingerprint(other, ["ref"])
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one, ["ref"]) != fingerprint(Call("PUT", url, (), one.body), ["ref"])


PIECES = st.sampled_from(
    [*"ab/.:@[]%?#\\;_-0 é\n\x00", "http://", "https://", "//", "%2e", "..", "::1", "[::1]", "%00", "s.test"]
)


@settings(LAWS, max_examples=500)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_an_address_has_one_form_or_none(text: str) -> None:
    base = parse_url("http://s.test/orders")
    for read in (parse_url, lambda given: join(base, given)):
        try:
            found = read(text)
        except AddressError:
            continue
        assert parse_url(str(found)) == found
        assert str(found).isascii() and str(found).isprintable() and " " not in str(found)


def test_a_body_that_is_nested_without_end_is_compared_as_it_is() -> None:
    deep = b"[" * 200_000
    assert canonical_body(deep) == deep


def test_keys_are_those_of_an_action_and_stay_until_there_is_an_answer() -> None:
    keys = Keys("one")
    first = keys.key("meaning")
    assert keys.key("meaning") == first
    keys.answered("meaning")
    assert keys.key("meaning") != first
    assert Keys("two").key("meaning") != first
    assert keys.key("meaning", "own") == keys.key("meaning", "own") != Keys("two").key("meaning", "own")

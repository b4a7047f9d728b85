"""Targets of what a program returned: claims, plain values, value comparators, `call` tests and lifted asserts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from sandbox.judge.call import CallCheck
from sandbox.judge.claims import Malformed, read_claims
from sandbox.judge.comparators.base import Comparison
from sandbox.judge.lifted import LiftedCheck
from sandbox.judge.lifting import Lifted, lift
from sandbox.judge.native import to_python
from sandbox.judge.observe import ObservedCall
from sandbox.judge.values.comparator import ValueComparator
from sandbox.judge.values.compare import value_comparator, value_comparator_names
from sandbox.judge.values.decode import decode
from sandbox.judge.values.encode import encode
from sandbox.judge.values.keys import EqualToNothing, Keys
from sandbox.judge.values.malformed import MalformedValue
from sandbox.judge.values.trusted import InvalidPlainJson, parse_json_args, parse_json_value
from sandbox.judge.values.types import Call, NdArray, PlainDict, PlainSet, Raised, Value
from tests.fuzz.laws import LIMITS, PLAN, cut, demand, ended, lawful, pick

_CALLS = 3
_PARAMS: Mapping[str, list[dict[str, object]]] = {
    "py_eq": [{}, {"nan_equal": True, "str_keys": True}, {"tuple_as_list": "none", "bool_as_int": True}],
    "approx": [{}, {"rtol": 0.1, "atol": 1.0, "nan_equal": True}, {"nested": False, "str_keys": True}],
    "evalplus": [{}, {"atol": 0.5}, {"sticky": True}],
    "sorted_eq": [{}, {"key": "length"}, {"key": "first"}, {"key": "last"}],
    "unordered": [{}, {"deep": False}],
    "np": [{}, {"nan_equal": True, "dtype": "same"}, {"dtype": "kind"}],
    "raises": [{}, {"type": "ValueError", "contains": "x"}],
    "special": [{"name": f"{name}"} for name in ("humaneval/32", "mbpp/164", "mbpp/295", "mbpp/558", "mbpp/581")],
}
# Built anew for each input: `sticky` remembers.
COMPARATORS: list[tuple[str, Callable[[], ValueComparator]]] = [
    (f"{name} {params}", lambda name=name, params=params: value_comparator(name, params, allow_unsafe=True))  # type: ignore[misc]
    for name in sorted(value_comparator_names())
    for params in _PARAMS.get(name, [{}])
]
# These do not ask whether two values are equal.
_OTHER_RULES = ("raises", "special {'name': 'humaneval/32'}")

ASSERTS = [
    "assert f(1) == [1, 2]", "assert f(1) != {1: (2,)}", "assert not f(1)", "assert f(1) is None",
    "assert abs(f(1) - 1.5) < 1e-6", "import math\nassert math.isclose(f(1), 0.1, rel_tol=1e-3)",
    "assert f(1) in [1, 'a', None]", "assert f(1) in {1, 2}", "assert f(1) not in {1: 2}", "assert 1 in f(1)",
    "assert set(f(1)) == {1, 2}", "assert frozenset(f(1)) == {1}", "assert sorted(f(1)) == [1, 2]",
    "assert max(f(1)) > 1", "assert min(f(1)) <= 1", "assert len(f(1)) == 2", "assert f(1)[0] == 1",
    "assert f(1)['a'] == 1", "assert round(f(1), 2) == 0.5", "assert round(f(1), -300) == 1", "assert round(f(1)) == 1",
    "assert list(f(1)) == [1]", "assert tuple(f(1)) == (1,)", "assert 5 - f(1) > 2", "assert f(1) - 0.5 == 2",
    "import math\nassert math.fabs(f(1)) == 1", "assert f(1) == 1\nassert f(2) == 'b'\nassert f(3) == {'c': {3}}",
    "assert f(1) == 10 ** 40", "assert f(1) > 'a'", "assert True\nassert f(1) == 1j",
]  # fmt: skip


def _lifted(code: str) -> Lifted:
    found = lift(code, "f")
    assert isinstance(found, Lifted), found
    return found


_LIFTED = [_lifted(code) for code in ASSERTS]


def claims(data: bytes) -> object:
    """Any bytes are at most so many claims, each a value, an exception or a reason of one short line."""
    found = read_claims(data, _CALLS)
    demand(len(found) <= min(_CALLS, data.count(b"\n")), "more claims than lines")
    for claim in found:
        if isinstance(claim, Malformed):
            demand(claim.reason.isprintable() and len(claim.reason) <= 400, f"the reason {claim.reason!r}")
    return [_told(claim) for claim in found]


def plain_values(data: bytes) -> object:
    """What can be read can be written, and is then the same; what cannot has one kind of error."""
    try:
        value = decode(data)
    except MalformedValue as error:
        return error.reason
    text = encode(value)
    again = decode(text.encode())
    demand(encode(again) == text, f"{text:.200} is read as {encode(again):.200}")
    keys = [_key(each) for each in (value, again)]
    demand(keys[0] == keys[1], "a value changes on its way")
    to_python(value)
    return text


def value_comparators(data: bytes) -> object:
    """Number of the comparator, expected value, claim, arguments: a lawful comparison, and one's own is accepted."""
    number, rest = pick(data)
    expected_json, claim, args_json = cut(rest, 3)
    name, build = COMPARATORS[number % len(COMPARATORS)]
    try:
        expected = parse_json_value(expected_json.decode("utf-8", "replace"))
        call = Call(parse_json_args(args_json.decode("utf-8", "replace")))
    except InvalidPlainJson:
        return None
    actual = (read_claims(claim + b"\n", 1) or [None])[0]
    if isinstance(actual, Malformed):
        return None
    comparison = _compared(build()(actual, expected, call))
    if not name.startswith(_OTHER_RULES) and not _holds_odd(expected):
        try:
            itself = decode(encode(expected).encode())
        except MalformedValue:  # a request may hold more than a claim
            return comparison
        own = _compared(build()(itself, expected, call))
        # A job whose expected value a comparator has no use for: nothing passes such a test.
        unfit = own.reason.startswith(("the expected output does not fit", "a member has no "))
        demand(own.score == 1.0 or unfit, f"{name} refuses the expected value itself: {own.reason}")
    return comparison


def call_tests(data: bytes) -> object:
    """Number of the comparator, expected value, all that the process claimed: a lawful result, and never a fault."""
    number, rest = pick(data)
    expected_json, claimed = cut(rest, 2)
    try:
        expected = parse_json_value(expected_json.decode("utf-8", "replace"))
    except InvalidPlainJson:
        expected = [1, 2]
    _, build = COMPARATORS[number % len(COMPARATORS)]
    check = CallCheck(PLAN, LIMITS, Call([[1, 2], 3]), expected, build())
    observed = ObservedCall(PLAN, LIMITS).judge(ended(extra=claimed))
    demand(bool(observed.fingerprint) == (observed.score == 1.0), f"{observed.stage} with {observed.fingerprint!r}")
    return lawful(observed), lawful(check.judge(ended(extra=claimed)))


def lifted_asserts(data: bytes) -> object:
    """Number of the test code, all that the process claimed: a lawful result, and never a fault."""
    number, claimed = pick(data)
    lifted = _LIFTED[number % len(_LIFTED)]
    return lawful(LiftedCheck(PLAN, LIMITS, lifted, bool(number & 128)).judge(ended(extra=claimed)))


def _compared(comparison: Comparison) -> Comparison:
    demand(comparison.score in (0.0, 1.0), f"a score of {comparison.score}")
    demand(len(comparison.reason) <= 400 and comparison.reason.isprintable(), f"the reason {comparison.reason!r}")
    return comparison


def _told(claim: object) -> str:
    if isinstance(claim, Malformed):
        return claim.reason
    return repr(claim) if isinstance(claim, Raised) else encode(claim)


def _key(value: Value) -> bytes | None:
    try:
        return Keys(nan_equal=True).of(value)
    except EqualToNothing:
        return None


def _holds_odd(value: Value) -> bool:
    """Whether something in there is not equal to itself."""
    return any(
        item != item
        if isinstance(item, (float, complex))
        else item.is_nan()
        if isinstance(item, Decimal)
        else isinstance(item, (PlainDict, PlainSet)) and _key(item) is None
        for item in _inside(value)
    )


def _inside(value: Value) -> Iterator[Value]:
    yield value
    parts: list[Value] = []
    if isinstance(value, (list, tuple)):
        parts = list(value)
    elif isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, PlainSet):
        parts = list(value.items)
    elif isinstance(value, PlainDict):
        parts = [part for pair in value.pairs for part in pair]
    elif isinstance(value, NdArray):
        parts = list(value.elements())
    for part in parts:
        yield from _inside(part)

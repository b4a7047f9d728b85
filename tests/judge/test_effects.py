"""Assertions on effects, as data."""

from __future__ import annotations

import hashlib

import pytest

from sandbox.errors import JobError
from sandbox.judge.effects import expectations, judge_effects
from sandbox.model.effects import Class, Effect
from sandbox.v1.job_pb2 import EffectAssertion, EffectsTest


def file(path: str, text: str = "", op: str = "create") -> Effect:
    content = hashlib.sha256(text.encode()).hexdigest()
    return Effect(f"files:{path}", op, None, {"kind": "file", "content": content}, Class.REVERSIBLE)


def folder_time(path: str) -> Effect:
    entry = {"kind": "dir", "mode": 493, "uid": 0, "gid": 0, "xattrs": []}
    return Effect(f"files:{path}", "modify", {**entry, "mtime_ns": 1}, {**entry, "mtime_ns": 2}, Class.REVERSIBLE)


def row(name: str, op: str, **post: object) -> Effect:
    return Effect(
        f"sqlite:shop.db#{name}",
        op,
        None,
        {"place": ["shop.db", "orders"], "key": {"id": 1}, "row": post},
        Class.REVERSIBLE,
    )


EFFECTS = [
    file("out/a.txt", "hello"),
    file("out/deep/b.txt", "x"),
    folder_time("out"),
    row("orders/1", "insert", total=5),
]
CASES = {
    "a file that was made": ([EffectAssertion(resource="files:out/a.txt", op="create", content="hello")], False, 1, 1),
    "its content is another": ([EffectAssertion(resource="files:out/a.txt", content="bye")], False, 0, 1),
    "a star stays within a folder": ([EffectAssertion(resource="files:out/*.txt", at_most=1)], False, 1, 1),
    "two stars cross folders": ([EffectAssertion(resource="files:out/**", op="create", at_least=2)], False, 1, 1),
    "too many": ([EffectAssertion(resource="files:out/**", op="create", at_most=1)], False, 0, 1),
    "what must not be": ([EffectAssertion(resource="files:etc/**", none=True)], False, 1, 1),
    "what must not be and is": ([EffectAssertion(resource="files:**", none=True)], False, 0, 1),
    "a row's column": ([EffectAssertion(resource="sqlite:shop.db#orders/*", post_json='{"total": 5}')], False, 1, 1),
    "a column that is true is not 1": (
        [EffectAssertion(resource="sqlite:**", post_json='{"total": true}')],
        False,
        0,
        1,
    ),
    "nothing else, and there is something": ([EffectAssertion(resource="files:out/**")], True, 1, 2),
    "nothing else": ([EffectAssertion(resource="files:out/**"), EffectAssertion(resource="sqlite:**")], True, 3, 3),
    "nothing at all, and there is something": ([], True, 0, 1),
}


@pytest.mark.parametrize(("assertions", "nothing_else", "held", "total"), CASES.values(), ids=CASES.keys())
def test_effects_are_judged(assertions: list[EffectAssertion], nothing_else: bool, held: int, total: int):
    test = EffectsTest(assertions=assertions, nothing_else=nothing_else)
    found = judge_effects(expectations(test, "tests[0].effects"), nothing_else, EFFECTS)
    assert found[:2] == (held, total)
    assert len(found[2]) == total - held


def test_the_time_of_a_folder_is_no_change_of_its_own_where_something_in_it_was_expected():
    wanted = expectations(EffectsTest(assertions=[EffectAssertion(resource="files:out/a.txt")]), "")
    assert judge_effects(wanted, True, [file("out/a.txt"), folder_time("out")])[:2] == (2, 2)
    assert judge_effects([], True, [])[:2] == (1, 1)


BAD = {
    "no backend": (EffectAssertion(resource="out/a.txt"), "resource"),
    "none together with a number": (EffectAssertion(resource="files:a", none=True, at_least=1), "none"),
    "more at least than at most": (EffectAssertion(resource="files:a", at_least=3, at_most=2), "at_least"),
    "no JSON": (EffectAssertion(resource="files:a", post_json="{"), "post_json"),
    "no object": (EffectAssertion(resource="files:a", post_json="[]"), "post_json"),
}


@pytest.mark.parametrize(("assertion", "field"), BAD.values(), ids=BAD.keys())
def test_a_bad_assertion_is_refused_by_its_field(assertion: EffectAssertion, field: str):
    with pytest.raises(JobError) as raised:
        expectations(EffectsTest(assertions=[assertion]), "tests[0].effects")
    assert raised.value.field == f"tests[0].effects.assertions[0].{field}"
    assert raised.value.suggestion


def test_a_test_that_asserts_nothing_is_refused():
    with pytest.raises(JobError, match="there are none"):
        expectations(EffectsTest(), "tests[0].effects")

"""What is lifted, what is refused, and that a lifted assert says what Python says."""

import ast
import operator

import pytest

from sandbox.judge.lifting import Lifted, NotLiftable, Vacuous, count_asserts, lift
from sandbox.judge.lifting.bounds import MAX_WORK
from sandbox.judge.lifting.parsing import MAX_SOURCE

from .cases import cases
from .reference import run


@pytest.mark.parametrize("case", cases("lifted.toml"))
def test_a_lifted_assert_makes_the_call_and_the_judgement_that_python_makes(case):
    code, setup, entry_point = case["code"], case.get("setup", ""), case.get("entry_point", "f")
    lifted = lift(code, entry_point, setup)
    assert isinstance(lifted, Lifted), lifted
    assert len(lifted.asserts) == count_asserts(code)
    for text in case["returns"]:
        value = ast.literal_eval(text)
        python = run(code, entry_point or "area", lambda *_, value=value, **__: value, setup)
        assert len(python) == len(lifted.asserts)
        for found, noted in zip(lifted.asserts, python, strict=True):
            if isinstance(found, Vacuous):
                assert (noted.calls, noted.held) == ([], True)
            else:
                assert repr(noted.calls) == repr([(found.call.args, found.call.kwargs)])
                assert found.check.judge(value, operator.eq) is noted.held, text


@pytest.mark.parametrize("case", cases("refused.toml"))
def test_code_that_cannot_be_lifted_is_refused_with_line_and_reason(case):
    refused = lift(case["code"], case.get("entry_point", "f"), case.get("setup", ""))
    assert isinstance(refused, NotLiftable)
    assert case["reason"] in refused.reason
    assert refused.line == case.get("line", refused.line)
    assert refused.line >= 1
    assert refused.total == case.get("total", count_asserts(case["code"]))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("#" * (MAX_SOURCE + 1), "characters"),
        ("assert f(" + "(" * 500, "does not parse"),
        ("assert f(" + "-" * 50_000 + "1) == 1", "nested too deeply"),
        ("assert f(1" + " + 1" * 50_000 + ") == 1", "nested too deeply"),
        ("assert f(1" + " + 1" * 900 + ") == 1", "nested too deeply"),
        ("x = ()\n" + "x = (x,)\n" * 200 + "assert f(x) == 1", "nested"),
        ("x = (1, 2)\n" + "x = (x, x)\n" * 60 + "assert f(x) == 1", f"more than {MAX_WORK} elements"),
        ("x = 'a' * 1000000\n" + "assert f(x + 'b') == 1\n", "text of more than"),
        ("x = 'a' * 900000\n" + "assert f(x + 'b') == 1\n" * 10, f"more than {MAX_WORK} elements"),
        ("assert f(list(range(90000))) == 1\n" * 30, f"more than {MAX_WORK} elements"),
        ("assert f({" + ",".join(str(i * (2**61 - 1)) for i in range(1, 200)) + "}) == 1", "same hash"),
        ("assert f(int('" + "1" * 200 + "')) == 1", "long text"),
        ("assert f('\ud800') == 1", "does not parse"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_code_that_would_cost_too_much_is_refused(code, reason):
    refused = lift(code, "f")
    assert isinstance(refused, NotLiftable)
    assert reason in refused.reason


def test_the_function_of_a_call_is_the_entry_point_also_when_it_is_no_plain_name():
    lifted = lift("def check(candidate):\n    assert candidate(1) == 1", "Solution.one")
    assert isinstance(lifted, Lifted)
    assert [found.call.function for found in lifted.asserts] == ["Solution.one"]


def test_no_two_calls_share_a_changeable_argument():
    lifted = lift("assert f([1], {}) == 1\nassert f([1], {}) == 1", "f")
    first, second = (found.call.args for found in lifted.asserts)
    assert first == second
    assert not {id(value) for value in first} & {id(value) for value in second}


def test_a_vacuous_assert_is_kept_and_says_what_it_asserts():
    lifted = lift("assert f(1) == 1\nassert True\nassert 'done'", "f")
    assert [found.reason for found in lifted.asserts[1:]] == [
        "asserts the constant True",
        "asserts the constant 'done'",
    ]


def test_lifting_leaves_the_warning_filters_as_they_were(recwarn):
    lift('assert f("\\d") == 1', "f")
    assert not recwarn.list

"""The compiler of filters, against an interpreter that runs what it made."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.seccomp.bpf import AUDIT_ARCH, RET_ALLOW, RET_ERRNO, RET_KILL_PROCESS, Narrow, compile_filter
from tests.data_files.bpf import Call, Filter

X86, ARM, I386 = AUDIT_ARCH["x86_64"], AUDIT_ARCH["aarch64"], 0x40000003
MACHINES = pytest.mark.parametrize("machine", sorted(AUDIT_ARCH))
X32 = 0x40000000

returns = st.one_of(
    st.sampled_from([RET_ALLOW, RET_KILL_PROCESS]), st.integers(min_value=1, max_value=200).map(RET_ERRNO.__or__)
)
narrowed = st.builds(
    Narrow,
    argument=st.integers(min_value=0, max_value=5),
    test=st.sampled_from(["equals", "any_bit"]),
    value=st.integers(min_value=0, max_value=0xFFFFFFFF),
    then=returns,
    otherwise=returns,
)
tables = st.one_of(
    st.dictionaries(st.integers(min_value=0, max_value=40), st.one_of(returns, narrowed), max_size=40),
    st.dictionaries(st.integers(min_value=0, max_value=1200), st.one_of(returns, narrowed), max_size=60),
    # Every second number another answer: the most branches, and jumps that are too far for one byte.
    st.builds(
        lambda count, one, other: {number: (one, other)[number % 2] for number in range(count)},
        st.integers(min_value=100, max_value=700),
        returns,
        returns,
    ),
)
words = st.integers(min_value=0, max_value=(1 << 64) - 1)


def expected(table, default, call):
    answer = table.get(call.number, default)
    if isinstance(answer, int):
        return answer
    low = call.arguments[answer.argument] & 0xFFFFFFFF
    holds = low == answer.value if answer.test == "equals" else bool(low & answer.value)
    return answer.then if holds else answer.otherwise


@given(table=tables, default=returns, arguments=st.tuples(*[words] * 6))
@settings(deadline=None, max_examples=150)
def test_every_number_gets_the_answer_of_the_table(table, default, arguments):
    compiled = Filter(compile_filter("x86_64", table, default))
    for number in range(1201):
        call = Call(number, X86, arguments)
        assert compiled.answer(call) == expected(table, default, call), number


@given(narrow=narrowed, arguments=st.tuples(*[words] * 6), near=st.sampled_from([0, 1, -1, 1 << 32]))
@settings(deadline=None)
def test_an_argument_is_compared_by_its_low_half(narrow, arguments, near):
    chosen = list(arguments)
    chosen[narrow.argument] = (narrow.value + near) % (1 << 64)
    compiled = Filter(compile_filter("x86_64", {7: narrow}, RET_ALLOW))
    call = Call(7, X86, tuple(chosen))
    assert compiled.answer(call) == expected({7: narrow}, RET_ALLOW, call)


@MACHINES
@given(table=tables, number=st.integers(min_value=0, max_value=(1 << 32) - 1))
@settings(deadline=None, max_examples=50)
def test_a_foreign_architecture_is_killed_whatever_it_asks(machine, table, number):
    compiled = Filter(compile_filter(machine, table, RET_ALLOW))
    for arch in {X86, ARM, I386, 0, 0xFFFFFFFF} - {AUDIT_ARCH[machine]}:
        assert compiled.answer(Call(number, arch)) == RET_KILL_PROCESS


@MACHINES
@given(table=tables, number=st.integers(min_value=X32, max_value=(1 << 32) - 1))
@settings(deadline=None, max_examples=50)
def test_calls_of_the_x32_abi_and_negative_numbers_are_killed(machine, table, number):
    compiled = Filter(compile_filter(machine, table, RET_ALLOW))
    assert compiled.answer(Call(number, AUDIT_ARCH[machine])) == RET_KILL_PROCESS


@given(number=st.integers(min_value=0, max_value=X32 - 1), table=tables, default=returns)
@settings(deadline=None)
def test_a_number_beyond_the_table_gets_the_default(number, table, default):
    if number not in table:
        assert Filter(compile_filter("x86_64", table, default)).answer(Call(number, X86)) == default


def test_a_table_of_nothing_is_a_filter_of_one_answer():
    compiled = Filter(compile_filter("aarch64", {}, RET_ERRNO | 1))
    assert {compiled.answer(Call(number, ARM)) for number in range(1201)} == {RET_ERRNO | 1}


def test_neighbours_with_one_answer_share_one_return():
    same = compile_filter("x86_64", dict.fromkeys(range(10, 500), RET_ALLOW), RET_ERRNO | 1)
    assert len(Filter(same).program) <= 6 + 5

"""Tests that use classes, generators and functions of an answer: its objects stay with it, and decide nothing."""

import pytest

from sandbox.v1 import job_pb2, verdict_pb2

pytestmark = pytest.mark.jail

STACK = """
class Stack:
    kind = "last in, first out"

    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)
        return self

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __getitem__(self, place):
        return self.items[place]

    def __eq__(self, other):
        return True

    def __contains__(self, item):
        return True

    def __str__(self):
        return f"Stack{self.items}"

    @classmethod
    def of(cls, *items):
        made = cls()
        for item in items:
            made.push(item)
        return made
"""
CHAIN = """
class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next


def reverse(node):
    before = None
    while node:
        node.next, before, node = before, node, node.next
    return before
"""
BUILD = """
def chain(*values):
    node = None
    for value in reversed(values):
        node = Node(value, node)
    return node


def values(node):
    while node:
        yield node.value
        node = node.next
"""
NESTED = """
def wrap(number):
    value = [number]
    for _ in range({depth}):
        value = [value]
    return value


def unwrap(value):
    return value
"""


def judge(rewards, source, entry_point, code, setup="", **limits):
    """The answer to a job of one test."""
    request = job_pb2.ScoreRequest(id="job", feedback=job_pb2.ALL, limits=job_pb2.Limits(**limits))
    request.program.language, request.program.source, request.program.entry_point = "python", source, entry_point
    asserts = request.tests.add().asserts
    asserts.code, asserts.setup = code, setup
    return rewards.Score(request)


def status(answer):
    return verdict_pb2.Status.Name(answer.verdict.status)


@pytest.mark.parametrize(
    "code",
    [
        "stack = Stack()\nstack.push(1).push(2)\nassert stack.pop() == 2\nassert stack.items == [1]",
        "stack = Stack()\nstack.items = [7, 8]\nassert stack.items == [7, 8]\nassert stack",
        "assert Stack.of(1, 2).pop() == 2\nassert Stack.kind.startswith('last')",
        "stack = Stack()\nassert isinstance(stack, Stack)\nassert not isinstance(3, Stack)",
        "stack = Stack()\nassert stack.push(1) is stack\nassert stack == stack",
        "try:\n    Stack().pop()\nexcept IndexError:\n    pass\nelse:\n    assert False",
    ],
)
def test_a_class_can_be_what_a_problem_asks_for(rewards, code):
    answer = judge(rewards, STACK, "Stack", code)
    assert status(answer) == "ACCEPTED", answer
    assert list(answer.verdict.integrity.alarms) == []


@pytest.mark.parametrize(
    "code",
    [
        "stack = Stack()\nassert stack == 3",
        "stack = Stack()\nassert 3 in stack",
        "stack = Stack()\nassert [stack] == [3]",
        "stack = Stack()\nassert stack in (3, 4)",
        "stack = Stack()\nassert {3: True}.get(stack)",
        "stack = Stack()\nassert len(stack) == 0",
        "stack = Stack().push(4)\nassert list(stack) == [4]",
        "stack = Stack().push(4)\nassert stack[0] == 4",
        "stack = Stack().push(4)\nassert str(stack) == 'Stack[4]'",
        "stack = Stack()\nassert not stack",
    ],
)
def test_what_python_does_by_itself_asks_no_object_of_the_answer(rewards, code):
    assert status(judge(rewards, STACK, "Stack", code)) == "WRONG_ANSWER"


def test_linked_structures_are_built_in_the_process_of_the_answer(rewards):
    code = "assert list(values(reverse(chain(1, 2, 3)))) == [3, 2, 1]\nassert reverse(None) is None"
    answer = judge(rewards, CHAIN, "reverse", code, BUILD)
    assert status(answer) == "ACCEPTED", answer
    assert list(answer.verdict.integrity.alarms) == ["oracle_from_candidate"]
    wrong = judge(rewards, CHAIN.replace("return before", "return node"), "reverse", code, BUILD)
    assert status(wrong) == "WRONG_ANSWER"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (
            "def f(n):\n    yield from range(n)\n",
            "assert sum(list(f(3)) + [0]) == 3\nlast = f(2)\nassert next(last) == 0",
        ),
        ("def f(n):\n    return lambda more: n + more\n", "add = f(2)\nassert [add(1), add(2)] == [3, 4]"),
        (
            "def f(n):\n    return [x for x in (1, 'a') if isinstance(x, n)]\n",
            "assert f(int) == [1]\nassert f(str) == ['a']",
        ),
        ("def f(g):\n    return [g(x) for x in ('a', 'bb')]\n", "assert f(len) == [1, 2]"),
    ],
)
def test_generators_functions_and_types_can_be_handed_over(rewards, source, code):
    assert status(judge(rewards, source, "f", code)) == "ACCEPTED"


@pytest.mark.parametrize("given", ["lambda item: item", "Own()", "iter([1])"])
def test_what_cannot_leave_the_test_is_a_name_over_there(rewards, given):
    answer = judge(rewards, "def f(value):\n    return 1\n", "f", f"class Own:\n    pass\nassert f({given}) == 1")
    assert status(answer) == "ACCEPTED", answer


@pytest.mark.parametrize("depth", [150, 198, 5000])
def test_no_value_that_an_answer_returns_makes_a_fault_when_it_is_handed_back(rewards, depth):
    code = "for number in range(3):\n    assert unwrap([[wrap(number)]]) == number"
    answer = judge(rewards, NESTED.replace("{depth}", str(depth)), "unwrap", code)
    assert answer.WhichOneof("outcome") == "verdict"
    assert not answer.verdict.passed


@pytest.mark.parametrize(
    ("returned", "code"),
    [("10 ** 12", "for _ in range(f()):\n    pass\nassert True"), ("3", "assert 'x' * (f() * 10 ** 9) == ''")],
)
def test_an_answer_that_makes_the_test_run_into_its_limits_gets_a_verdict_and_no_fault(rewards, returned, code):
    answer = judge(rewards, f"def f():\n    return {returned}\n", "f", code, cpu_time_ms=500)
    assert answer.WhichOneof("outcome") == "verdict"
    assert not answer.verdict.passed


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(n):\n    raise ValueError(n)\n", "RUNTIME_ERROR"),
        ("def f(n):\n    return 5\n", "WRONG_ANSWER"),
        ("import os\ncalls = []\ndef f(n):\n    calls.append(n) or len(calls) < 2 or os._exit(0)\n", "WRONG_ANSWER"),
        ("import os\ndef f(n):\n    os._exit(0)\n", "RUNTIME_ERROR"),
    ],
)
def test_the_first_thing_that_goes_wrong_names_the_status(rewards, source, expected):
    assert status(judge(rewards, source, "f", "for n in range(3):\n    assert f(n) == n")) == expected

import subprocess
import sys
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction

import pytest

from sandbox.jail.init import plain

from .cases import table

NAMES = {
    thing.__name__: thing
    for thing in (Counter, OrderedDict, defaultdict, deque, namedtuple, Decimal, Enum, IntEnum, Fraction)
}


@pytest.mark.parametrize("case", table("written.jsonl"))
def test_values_are_written_as_the_table_says(case):
    assert plain.encode(eval(case["value"], NAMES)) == case["text"]


def test_names_of_a_class_are_never_compared_by_their_own_equality():
    asked = []

    class Name(str):
        __hash__ = lambda self: hash("__eq__")  # noqa: E731

        def __eq__(self, other):
            asked.append(other)
            return True

    value = type("Odd", (), {Name("a"): 1})()
    asked.clear()

    assert plain.encode([value, value]) == '[{"$opaque":"Odd"},{"$opaque":"Odd"}]'
    assert asked == []


def test_text_is_one_line_of_ascii():
    text = plain.encode(["\n\r\u2028é", {"\n": b"\n"}, "\ud800"])

    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize("text", ['{"$opaque": "x"}', '{"$handle": 1}', '{"$what": 1}', "[1"])
def test_the_program_side_refuses_what_is_not_a_value(text):
    with pytest.raises(ValueError):
        plain.decode(text)


def test_the_program_side_stands_alone_and_imports_nothing_for_its_looks():
    script = (
        "import sys, importlib.util as u; s = u.spec_from_file_location('plain', sys.argv[1]);"
        "m = u.module_from_spec(s); s.loader.exec_module(m);"
        "assert m.decode(m.encode({1: (2, b'x')})) == {1: (2, b'x')};"
        "print([n for n in ('typing', 'decimal', 'fractions', 'base64', 'dataclasses') if n in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-S", "-c", script, plain.__file__], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"

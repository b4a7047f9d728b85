"""Where each target's search begins: well-formed inputs, and the odd pieces of which hostile ones are made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from random import Random

from tests.fuzz.laws import CUT
from tests.fuzz.of_helpers import NAMES
from tests.fuzz.of_messages import TEST_CODES
from tests.fuzz.of_texts import COMPARATORS as TEXT_COMPARATORS
from tests.fuzz.of_values import ASSERTS
from tests.fuzz.of_values import COMPARATORS as VALUE_COMPARATORS

_EACH = 120

_LEAVES = [
    "null", "true", "1", "-0.0", "1e308", "1e999", "NaN", "-Infinity", "9" * 700, "9" * 5000, '"a"', '"\\ud800"',
    '"\\u0000"', '{"$int":"0x' + "f" * 40 + '"}', '{"$float":"nan"}', '{"$float":"-inf"}', '{"$complex":[1.5,2]}',
    '{"$complex":[{"$float":"nan"},0.0]}', '{"$decimal":"1E+4300"}', '{"$decimal":"sNaN12"}', '{"$decimal":"-0"}',
    '{"$fraction":["0x1","0x3"]}', '{"$fraction":["0x1","0x0"]}', '{"$bytes":"aGk="}', '{"$bytearray":"!"}',
    '{"$range":[0,10,2]}', '{"$range":[0,{"$int":"0x' + "f" * 60 + '"},1]}', '{"$range":[0,1,0]}',
    '{"$opaque":"x\\n\\ud800"}', '{"$handle":1}', '{"$object":1}', '{"$builtin":"eval"}', '{"$x":1}',
    '{"$ndarray":{"dtype":"<f8","shape":[1],"data":"AAAAAAAA8D8="}}',
    '{"$ndarray":{"dtype":"<i2","shape":[0,9223372036854775807],"data":""}}',
    '{"$ndarray":{"dtype":"<M8[s]","shape":[1],"data":"AAAAAAAAAAA="}}', '{"a":1,"a":2}', '{"$int":1,"b":2}',
]  # fmt: skip
_BOXES = [
    "[{}]", "[{},{}]", '{{"a":{}}}', '{{"$tuple":[{},{}]}}', '{{"$set":[{}]}}', '{{"$frozenset":[{},{}]}}',
    '{{"$dict":[[{},{}]]}}', '{{"$dict":[[1,{}],[1.0,{}]]}}', '{{"$tuple":{}}}',
]  # fmt: skip
_WORDS = [
    b"1", b"-0", b"1.5", b"1e400", b"nan", b"-inf", b"1e-9999", b"0x1", b"9" * 500, b"yes", b"NO", b"Case 1:",
    b"Case 2:", b"#1", b"a", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\x85", b"\xef\xbc\x91", b"\0", b"1_0", b"+", b"",
]  # fmt: skip
_SPACES = [b" ", b"\n", b"\r\n", b"\t", b"\x0c", b"\x0b", b"\x1c", b"\n\n", b"  "]
_RESULT = {
    "op": "result", "number": 1, "status": 0, "end": "exit", "cpu_us": 1000, "wall_us": 2000, "runnable_us": 0,
    "oom": False, "peak": 4096, "alone": True, "denied": False, "walked": False,
}  # fmt: skip
_NONSENSE = [None, True, -1, 1.5, 1 << 64, 10**400, "x", "exit", [], {}, [1, -1], float("nan")]


@cache
def seeds(name: str) -> list[bytes]:
    """Inputs for the target of that name; always the same."""
    return list(globals()[f"_{name}"](Random(name)))


def _value(random: Random, depth: int = 3) -> str:
    if depth == 0 or random.random() < 0.4:
        return random.choice(_LEAVES)
    box = random.choice(_BOXES)
    return box.replace("{}", "\0").replace("{{", "{").replace("}}", "}").replace("\0", _value(random, depth - 1))


def _claim(random: Random) -> bytes:
    if random.random() < 0.1:
        return b"R " + json.dumps([random.choice(["ValueError", "KeyError", "x"]), "x\ud800\0"]).encode() + b"\n"
    return b"V " + _value(random).encode() + b"\n"


def _text(random: Random) -> bytes:
    return b"".join(random.choice(_WORDS) + random.choice(_SPACES) for _ in range(random.randrange(6)))


def _claims(random: Random) -> Iterator[bytes]:
    return (_claim(random) * random.randrange(1, 3) for _ in range(_EACH))


def _plain_values(random: Random) -> Iterator[bytes]:
    return (_value(random).encode() for _ in range(_EACH))


def _value_comparators(random: Random) -> Iterator[bytes]:
    for number in [*range(len(VALUE_COMPARATORS))] * 4:
        value = _value(random).encode()
        yield bytes([number]) + CUT.join(
            [value, random.choice([b"V " + value, _claim(random).strip()]), b"[[1, 2], 3]"]
        )


def _call_tests(random: Random) -> Iterator[bytes]:
    for number in [*range(len(VALUE_COMPARATORS))] * 4:
        yield bytes([number]) + _value(random).encode() + CUT + _claim(random)


def _lifted_asserts(random: Random) -> Iterator[bytes]:
    for number in [*range(len(ASSERTS))] * 6:
        yield bytes([number + random.choice([0, 128])]) + _claim(random) * random.randrange(1, 4)


def _text_comparators(random: Random) -> Iterator[bytes]:
    for number in [*range(len(TEXT_COMPARATORS))] * 4:
        text = _text(random)
        yield bytes([number]) + text + CUT + random.choice([text, _text(random)])


def _stdio_tests(random: Random) -> Iterator[bytes]:
    for number in range(len(TEXT_COMPARATORS)):
        parts = [
            _text(random),
            _text(random),
            random.choice([b"", b"\0", b"\1", b"\x1f\1"]),
            b"Traceback\n" + _text(random),
        ]
        yield bytes([number]) + CUT.join(parts)


def _compile_checks(random: Random) -> Iterator[bytes]:
    return (bytes([random.randrange(256)]) + b"SyntaxError: " + _text(random) for _ in range(_EACH))


def _builds(random: Random) -> Iterator[bytes]:
    return (bytes([random.randrange(256)]) + CUT.join(_text(random) for _ in range(3)) for _ in range(_EACH))


def _answer_texts(random: Random) -> Iterator[bytes]:
    return (bytes([random.randrange(256)]) + _text(random) * 3 for _ in range(_EACH))


def _frames_read(random: Random) -> Iterator[bytes]:
    for _ in range(_EACH):
        text = _text(random)
        yield (len(text) + random.choice([0, 0, -1, 1, 1 << 26])).to_bytes(4, "big", signed=True) + text


def _candidate_answers(random: Random) -> Iterator[bytes]:
    for number in [*range(len(TEST_CODES))] * 8:
        answers = [_answer(random) for _ in range(random.randrange(1, 5))]
        yield bytes([number]) + CUT.join([b"Vnull", *answers])


def _answer(random: Random) -> bytes:
    """What a candidate's side says: a value with what it changed, an exception, or a question of its own."""
    kind, value = random.randrange(6), _claim(random).strip()[2:] or b"null"
    if kind == 0:
        return b'R["ValueError", "x", ["ValueError"], -1]'
    if kind == 1:
        return b'Q{"call": %d, "args": "[1]", "kwargs": "{}"}' % random.randrange(3)
    if kind == 2:
        told = b'{"number": %d, "is": "%s", "name": "T"}' % (
            random.randrange(3),
            random.choice([b"instance", b"class", b"iterator", b"error", b"module"]),
        )
        value = b'{"$object": ' + told + b"}"
    return b'V{"value":' + value + b',"changed":null}'


def _split_reports(random: Random) -> Iterator[bytes]:
    report = {"held": [1], "failed": [0], "first": "", "raised": False, "ended": "done"}
    report |= {"operator": False, "overrides": False}
    for number in range(_EACH):
        changed = {**report, "held": [1] * (number % 3 + 1), "failed": [0] * (number % 3 + 1)}
        if number % 2:
            changed[random.choice(list(report))] = random.choice(_NONSENSE)
        yield bytes([number]) + json.dumps(changed).encode()


def _init_messages(random: Random) -> Iterator[bytes]:
    for number in range(_EACH):
        first, second = dict(_RESULT), {**_RESULT, "number": 2}
        if number & 2:
            first["collected"] = second["collected"] = random.choice([[5], [-1], [1 << 70], [], 5])
        if number % 3 == 0:
            first[random.choice(list(first))] = random.choice(_NONSENSE)
        other = [{"op": "failed", "why": "x"}, {"op": "ready", "version": 1}, [], "x", {"op": []}]
        messages = [json.dumps(each).encode() for each in (first, random.choice([second, second, *other]))]
        yield bytes([number]) + CUT.join(messages)


def _suite_results(random: Random) -> Iterator[bytes]:
    odd = [
        {"found": [1, "a"]},
        {"found": {}},
        {"end": 10**400},
        {"end": None},
        {"name": "x", "status": "MISSING"},
        [],
        1,
    ]
    for number in range(_EACH):
        lines: list[object] = [
            {
                "name": name,
                "status": random.choice(["PASSED", "FAILED", "NOT_RUN"]),
                "detail": random.choice(["", "x\ud800"]),
            }
            for name in NAMES[: number % 3 + 1]
        ]
        end = {"end": "done", "operator": random.choice([True, False, 1]), "overrides": random.choice([True, False, 1])}
        lines += [end, *random.sample(odd, number % 2)]
        random.shuffle(lines)
        yield bytes([number]) + b"\n".join(json.dumps(line).encode() for line in lines)


def _helper_decisions(random: Random) -> Iterator[bytes]:
    numbers = [b"0.5", b"1", b"1e400", b"-0", b"nan", b"9" * 400, b" 0.25\n"]
    for number in [*range(30)] * 6:
        score = random.choice(numbers)
        claim = random.choice([b"V true\n", b"V " + score + b"\n", b'V {"$tuple":[0.5,"x"]}\n', _claim(random)])
        parts = [
            b"points " + score + b"\n" + _text(random),
            claim,
            score,
            random.choice([b"", b"", b"LARGE", b"1"]),
            _text(random),
        ]
        yield bytes([number]) + CUT.join(parts)

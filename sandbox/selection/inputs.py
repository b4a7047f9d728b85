"""Inputs like those of the examples: a stand-in for AlphaCode's generator, which is a model of its own.

An example's input is taken at random and changed in one place or in two (text.py, values.py say how). Nothing knows
what inputs a problem allows, so some are bad, and right programs may fail there or differ in what they make of them: a
cluster of theirs then falls into several. Inputs that a model wrote for the problem are better where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sandbox.selection.text import changed_text
from sandbox.selection.values import changed_arguments
from sandbox.v1 import job_pb2

# Changes that come out as an input that is there already are made again so often.
_PATIENCE = 20
_CHANGES = (1, 1, 2)


def generate(examples: Sequence[job_pb2.Test], count: int, seed: int | str) -> list[job_pb2.Test]:
    """At most `count` new inputs, all different, and the same for the same examples and seed.

    Of `stdio` tests the standard input is changed, of `call` tests the positional arguments; others are passed over,
    and so are bytes that are no text. Fewer come back where the examples allow no more.
    """
    sources = [found for test in examples if (found := observed(test)) is not None]
    random = Random(seed)
    seen = {_key(source) for source in sources}
    made: list[job_pb2.Test] = []
    for _ in range(count * _PATIENCE):
        if len(made) == count or not sources:
            break
        test = job_pb2.Test()
        test.CopyFrom(random.choice(sources))
        for _ in range(random.choice(_CHANGES)):
            _change(test, random)
        if _key(test) not in seen:
            seen.add(_key(test))
            made.append(test)
    return made


def observed(test: job_pb2.Test) -> job_pb2.Test | None:
    """The input of a test without what it expects; None where there is none that could be changed."""
    kind = test.WhichOneof("kind")
    if kind == "stdio" and not test.stdio.stdin_bytes:
        return job_pb2.Test(stdio=job_pb2.StdioTest(stdin=test.stdio.stdin))
    if kind == "call":
        call = test.call
        given = job_pb2.CallTest(function=call.function, args_json=call.args_json, kwargs_json=call.kwargs_json)
        return job_pb2.Test(call=given)
    return None


def _change(test: job_pb2.Test, random: Random) -> None:
    if test.WhichOneof("kind") == "stdio":
        test.stdio.stdin = changed_text(test.stdio.stdin, random)
    else:
        test.call.args_json = changed_arguments(test.call.args_json, random)


def _key(test: job_pb2.Test) -> bytes:
    return test.SerializeToString(deterministic=True)

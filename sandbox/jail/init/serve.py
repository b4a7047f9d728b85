"""The candidate's side of a split test: loads the program and does what the test's side asks for.

Frames in: `{"do": operation, "args": ..., "kwargs": ...}`, where `{"$object": "f"}` is what the program calls f,
`{"$object": 3}` what it returned as its third value that is not plain, and `{"$builtin": "int"}` Python's own int.
Frames out: the claims of `driver`, first one for the loading.
"""

import builtins
import json
import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver, frames, plain

OPERATIONS: "dict[str, Any]" = {
    "bool": bool,
    "call": lambda function, *args, **kwargs: function(*args, **kwargs),
    "delitem": operator.delitem,
    "getattr": getattr,
    "getitem": operator.getitem,
    "instancecheck": lambda kind, value: isinstance(value, kind),
    "iter": iter,
    "len": len,
    "next": next,
    "setattr": setattr,
    "setitem": operator.setitem,
    "str": str,
}


class _Objects:
    """The values that stay here, by number. They are kept, so that a number means one object until the end."""

    def __init__(self, namespace: "dict[str, Any]") -> None:
        self._namespace = namespace
        self._kept: list[object] = []
        self._numbers: dict[int, int] = {}

    def find(self, where: "int | str") -> object:
        """The object of that name or number."""
        return self._kept[where] if type(where) is int else driver.find(self._namespace, str(where))

    def number(self, value: object) -> int:
        """The number of an object, a new one when it has none."""
        number = self._numbers.setdefault(id(value), len(self._kept))
        if number == len(self._kept):
            self._kept.append(value)
        return number


class _Values(plain.Encoder):
    """Writes what the program returned: plain values, and numbers of those that are not."""

    def __init__(self, objects: _Objects) -> None:
        super().__init__()
        self._objects = objects

    def other(self, value: "Any", depth: int) -> object:
        written = super().other(value, depth)
        if type(written) is dict and "$opaque" in written:
            return {"$object": self._objects.number(value)}
        return written


def serve(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Answers until the test's side hangs up, then ends the process."""
    channel = places["channel"]
    driver.seed(seed)

    def perform() -> None:
        try:
            namespace = driver.load(main)
        except BaseException as error:
            frames.send(channel, driver.raised(error))
            raise
        objects = _Objects(namespace)
        plain._READERS.update({"$object": objects.find, "$builtin": builtins.__dict__.__getitem__})
        frames.send(channel, "V null")
        while True:
            frame = frames.receive(channel)
            if frame is None:
                return
            frames.send(channel, _answer(objects, json.loads(frame)))

    driver.finish(perform)


def _answer(objects: _Objects, call: "dict[str, str]") -> str:
    try:
        value = OPERATIONS[call["do"]](*plain.decode(call["args"]), **plain.decode(call["kwargs"]))
        return "V " + _Values(objects).encode(value)
    except BaseException as error:
        driver.show(error)
        return driver.raised(error)

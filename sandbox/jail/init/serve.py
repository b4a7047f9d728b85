"""The candidate's side of a split test: loads the program and does what the test's side asks for.

A question names an operation and what it is done to: `{"do": "call", "on": "f", "args": "[1]", "kwargs": "{}"}`. What
is not plain stays here, under a number. What comes back is the value and, where the test handed over lists and the like
that were changed in place, what they are now.
"""

import builtins
import collections
import importlib
import itertools
import json
import operator
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver, overriding, plain
from .peer import Gone, Peer

_name_of = type.__dict__["__name__"].__get__
_bases_of = type.__dict__["__mro__"].__get__

# What Python itself iterates: no code of the program decides what comes out.
_EMPTY: "tuple[Any, ...]" = ([], (), {}, {}.values(), {}.items(), set(), "", b"", range(0), range(1 << 70))
_ITERATORS = frozenset(
    {
        *(type(iter(each)) for each in _EMPTY),
        *(types.GeneratorType, map, filter, zip, enumerate, reversed, type(reversed([])), itertools.chain),
        *(itertools.islice, itertools.count, itertools.cycle, itertools.repeat, itertools.accumulate),
        *(itertools.permutations, itertools.combinations, itertools.product),
    }
)
_ITERABLES = frozenset({type({}.keys()), type({}.values()), type({}.items()), collections.deque})
_FUNCTIONS = frozenset({types.FunctionType, types.BuiltinFunctionType, types.MethodType, type})
# Operators that are asked for between two objects of the program's own.
OPERATORS: "dict[str, Any]" = {
    **{name: getattr(operator, name) for name in ("eq", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul")},
    **{name: getattr(operator, name) for name in ("truediv", "floordiv", "mod", "pow", "lshift", "rshift")},
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}
_DUNDERS = frozenset(f"__{name}__" for name in OPERATORS)


class Callback:
    """A function of the test's side. It can be called, and nothing else."""

    __slots__ = ("__call",)

    def __init__(self, call: "Any") -> None:
        self.__call = call

    def __call__(self, *args: object, **kwargs: object) -> "Any":
        """What the function returns there."""
        return self.__call(args, kwargs)


class ForeignIterator:
    """An iterator of the test's side."""

    __slots__ = ("__more",)

    def __init__(self, more: "Any") -> None:
        self.__more = more

    def __iter__(self) -> "ForeignIterator":
        return self

    def __next__(self) -> "Any":
        """What comes next there."""
        for value in self.__more():
            return value
        raise StopIteration


class Foreign:
    """A value of the test's side that cannot leave it. It can be handed back, and nothing else."""

    __slots__ = ()


class CallbackRaised(Exception):
    """A function of the test's side raised. What it says is not told here."""


class _Objects:
    """The values that stay here, by number. They are kept, so that a number means one object until the end."""

    def __init__(self, namespace: "dict[str, Any]") -> None:
        self._namespace = namespace
        self._kept: list[object] = []
        self._numbers: dict[int, int] = {}
        self._foreign: dict[int, object] = {}
        self._names: dict[int, tuple[str, int | str]] = {}

    def find(self, where: "int | str") -> object:
        """The object of that name or number."""
        return self._kept[where] if type(where) is int else driver.find(self._namespace, str(where))

    def number(self, value: object) -> int:
        """The number of an object, a new one when it has none."""
        number = self._numbers.setdefault(id(value), len(self._kept))
        if number == len(self._kept):
            self._kept.append(value)
        return number

    def foreign(self, tag: str, number: int, make: "Any") -> object:
        """What stands here for a value of the test's side: one object is one object here, too."""
        if number not in self._foreign:
            self._foreign[number] = value = make()
            self._names[id(value)] = (tag, number)
        return self._foreign[number]

    def builtin(self, name: str) -> object:
        """One of Python's own functions or types, which the test's side has by the same name."""
        value = builtins.__dict__[name]
        self._names[id(value)] = ("$builtin", name)
        return value

    def name(self, value: object) -> "tuple[str, int | str] | None":
        """The name that the test's side gave to an object, when it is one of its own."""
        return self._names.get(id(value))


class _Values(overriding.Encoder):
    """Writes what the program returned: plain values, and descriptions of those that are not."""

    def __init__(self, objects: _Objects) -> None:
        super().__init__()
        self._objects = objects

    def other(self, value: "Any", depth: int) -> object:
        own = self._objects.name(value)
        if own is not None:
            return {own[0]: own[1]}
        written = super().other(value, depth)
        return self.describe(value) if type(written) is dict and "$opaque" in written else written

    def describe(self, value: "Any") -> "dict[str, object]":
        """A number, and what the other side has to know to behave as the object would."""
        kind = type(value)
        told: dict[str, object] = {"number": self._objects.number(value), "is": "instance", "name": _name_of(kind)}
        if type in _bases_of(kind):
            told.update(self._class(value))
        elif kind in _ITERATORS:
            told["is"] = "iterator"
        elif kind in _ITERABLES:
            told["is"] = "iterable"
        elif kind is types.ModuleType:
            told.update({"is": "module", "name": str(value.__dict__.get("__name__", ""))})
        elif kind in _FUNCTIONS:
            told.update({"is": "function", "name": str(getattr(value, "__name__", ""))})
        else:
            told["class"] = {"number": self._objects.number(kind), **self._class(kind)}
        return {"$object": told}

    def _class(self, kind: type) -> "dict[str, object]":
        bases = _bases_of(kind)
        own = [base for base in bases if base.__module__ != "builtins"]
        return {
            "is": "error" if BaseException in bases else "class",
            "name": _name_of(kind),
            "bases": [self._objects.number(base) for base in own],
            "errors": builtin_errors(kind),
            "operators": sorted({name for base in own for name in base.__dict__.keys() & _DUNDERS}),
        }


def builtin_errors(kind: type) -> "list[str]":
    """The built-in exceptions that a class derives from, nearest first."""
    names = (_name_of(base) for base in _bases_of(kind) if getattr(builtins, _name_of(base), None) is base)
    return [name for name in names if issubclass(getattr(builtins, name), BaseException)]


class Server:
    """Answers the test's side."""

    def __init__(self, channel: int, namespace: "dict[str, Any]", tree: "frozenset[str]") -> None:
        self._objects = _Objects(namespace)
        self._tree = tree
        self._peer = Peer(channel, self._answer)
        plain.read_also(
            {
                "$object": self._objects.find,
                "$builtin": self._objects.builtin,
                "$callback": lambda number: self._objects.foreign("$callback", number, lambda: self._callback(number)),
                "$iterator": lambda number: self._objects.foreign("$iterator", number, lambda: self._iterator(number)),
                "$foreign": lambda number: self._objects.foreign("$foreign", number, Foreign),
            }
        )

    def run(self) -> None:
        """Until the test's side hangs up."""
        self._peer.say("Vnull")
        self._peer.wait()

    def _answer(self, question: "dict[str, Any]") -> str:
        try:
            args, kwargs = plain.decode(question["args"]), plain.decode(question["kwargs"])
            value = self._do(question, args, kwargs)
            values = _Values(self._objects)
            text = values.encode(value)
            changed = self._changed(question, [args, kwargs]) if question["watch"] else "null"
            told = ',"overrides":true' if values.overriding else ""
            return 'V{"value":' + text + ',"changed":' + changed + told + "}"
        except Gone:
            raise
        except BaseException as error:
            driver.show(error)
            return self._raised(error)

    def _changed(self, question: "dict[str, Any]", now: "list[Any]") -> str:
        """Arguments as the call left them, where it changed any of them in place."""
        given = plain.decode(f"[{question['args']},{question['kwargs']}]")
        before, after = _Values(self._objects).encode(given), _Values(self._objects).encode(now)
        return "null" if before == after else after

    def _raised(self, error: BaseException) -> str:
        kind = type(error)
        own = getattr(builtins, _name_of(kind), None) is not kind
        number = self._objects.number(kind) if own else -1
        return "R" + json.dumps([_name_of(kind), driver.message_of(error), builtin_errors(kind), number])

    def _do(self, question: "dict[str, Any]", args: "list[Any]", kwargs: "dict[str, Any]") -> object:
        do, name = question["do"], question["name"]
        if do == "import":
            if name.partition(".")[0] not in self._tree:
                raise ModuleNotFoundError(f"No module named {name!r}")
            return importlib.import_module(name)
        target = self._objects.find(question["on"])
        if do == "call":
            return target(*args, **kwargs)  # type: ignore[operator]
        if do == "getattr":
            return getattr(target, name)
        if do == "setattr":
            setattr(target, name, args[0])
            return None
        if do == "delattr":
            delattr(target, name)
            return None
        if do == "names":
            return [each for each in dir(target) if type(each) is str]
        if do == "next" and type(target) in _ITERATORS:
            return next(target)  # type: ignore[call-overload]
        if do == "iter" and type(target) in _ITERABLES:
            return iter(target)  # type: ignore[call-overload]
        if do == "operator":
            return OPERATORS[name](target, args[0])
        if do == "describe":
            return target
        raise ValueError(f"nothing is called {do!r}")

    def _callback(self, number: int) -> Callback:
        def call(args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> object:
            given, named = _Values(self._objects).encode(list(args)), _Values(self._objects).encode(kwargs)
            return self._told(self._peer.ask({"call": number, "args": given, "kwargs": named}))

        return Callback(call)

    def _iterator(self, number: int) -> ForeignIterator:
        return ForeignIterator(lambda: self._told(self._peer.ask({"next": number})))

    def _told(self, frame: str) -> "Any":
        if frame.startswith("V"):
            return plain.decode(frame[1:])
        raise CallbackRaised


def serve(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Answers until the test's side hangs up, then ends the process."""
    channel = places["channel"]
    driver.seed(seed)
    with open(places["extra"], "rb") as file:
        job = plain.decode(file.read().decode())

    def perform() -> None:
        tree = frozenset(job["modules"])
        try:
            if tree:
                sys.path.insert(0, os.getcwd())
                namespace: dict[str, Any] = {}
            else:
                namespace = driver.load(main)
        except BaseException as error:
            told = [type(error).__name__, driver.message_of(error), builtin_errors(type(error)), -1]
            Peer(channel, lambda _: "").say("R" + json.dumps(told))
            raise
        Server(channel, namespace, tree).run()

    driver.finish(perform)

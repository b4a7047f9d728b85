"""The candidate's module as the test's side sees it: nothing of it is here, all is done over the channel.

Plain values go and come as they are. Functions, classes and instances of the candidate stay where they are; the test
code holds handles (`handles.py`). The other way it is the same: what the test code hands over and is not plain is a
name over there, and only functions can be called, only iterators be asked for more. Nothing else of this process
crosses: no text of an assertion or of an exception, no traceback.
"""

import builtins
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import plain
from .handles import KINDS, Handle
from .peer import Gone, Peer

_MUTABLE = frozenset({list, dict, set, bytearray})


class CandidateError(Exception):
    """An exception of a class of the candidate's own; its text begins with that class's name."""


class CandidateRaised(Exception):
    """Marks an exception, as its cause, as one that came from the candidate."""


class Opaque:
    """A value of the candidate that cannot be read. It equals nothing."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __bool__(self) -> bool:
        raise TypeError("a value that is not plain is neither true nor false")

    def __repr__(self) -> str:
        return "<a value that is not plain>"


class _Arguments(plain.Encoder):
    """Writes what the test code hands to the candidate: plain values, its own objects, Python's builtins, and names."""

    def __init__(self, remote: "Remote") -> None:
        super().__init__()
        self._remote = remote

    def other(self, value: "Any", depth: int) -> object:
        if isinstance(value, Handle):
            return {"$object": value._handle_where}
        number = self._remote.number_of(value)
        if number is not None:
            return {"$object": number}
        name = getattr(value, "__name__", None) if isinstance(value, (type, type(len))) else None
        if type(name) is str and getattr(builtins, name, None) is value:
            self._remote.builtins[name] = value
            return {"$builtin": name}
        written = super().other(value, depth)
        if type(written) is dict and "$opaque" in written:
            kind = type(value)
            tag = "$iterator" if hasattr(kind, "__next__") else "$callback" if callable(value) else "$foreign"
            return {tag: self._remote.hand_over(value)}
        return written


class Remote:
    """The candidate's module, reached through questions."""

    def __init__(self, channel: int) -> None:
        self._peer = Peer(channel, self._answer)
        self._handles: dict[int | str, Handle] = {}
        self._handed: list[object] = []
        self._errors: dict[int, type[Exception]] = {}
        self._raised: BaseException | None = None
        # Those of Python's own functions and types that were handed over: no others come back.
        self.builtins: dict[str, object] = {}
        # Whether an operator of the candidate's own was asked for.
        self.operator_used = False
        # Whether a plain value came whose class says itself how it compares.
        self.overrides_met = False
        mine = dict.fromkeys(("$callback", "$foreign", "$iterator"), self._handed.__getitem__)
        plain.read_also({"$object": self._described, "$builtin": self.builtins.__getitem__, **mine})

    @property
    def gone(self) -> bool:
        """Whether the candidate's process has ended."""
        return self._peer.gone

    def open(self) -> None:
        """Waits until the program is loaded. Raises what loading it raised, or Gone."""
        self._read(self._peer.hear(), "")

    def named(self, name: str) -> Handle:
        """What the program calls by this name."""
        return self._handles.setdefault(name, Handle(self, name, {}))

    def ask(self, do: str, on: "Handle | None", name: str, *args: object, **kwargs: object) -> "Any":
        """The value of an operation that is done in the candidate's process; raises what it raises there."""
        watch = any(type(each) in _MUTABLE for each in (*args, *kwargs.values()))
        question = {
            "do": do,
            "on": None if on is None else on._handle_where,
            "name": name,
            "args": _Arguments(self).encode(list(args)),
            "kwargs": _Arguments(self).encode(kwargs),
            "watch": watch,
        }
        answer = self._read(self._peer.ask(question), do)
        if type(answer) is dict and answer.pop("overrides", None) is True:
            self.overrides_met = True
        if type(answer) is not dict or answer.keys() != {"value", "changed"}:
            return Opaque()
        if watch and type(answer["changed"]) is list and len(answer["changed"]) == 2:
            _follow([list(args), kwargs], answer["changed"])
        return answer["value"]

    def operator(self, name: str, one: Handle, other: Handle) -> "Any":
        """What an operator of the candidate's own says; only a plain value counts."""
        self.operator_used = True
        value = self.ask("operator", one, name, other)
        if isinstance(value, (Handle, Opaque)):
            raise TypeError("an operator of the program returned a value that is not plain")
        return value

    def hand_over(self, value: object) -> int:
        """The number under which the other side knows a value of this one."""
        for number, known in enumerate(self._handed):
            if known is value:
                return number
        self._handed.append(value)
        return len(self._handed) - 1

    def number_of(self, value: object) -> "int | None":
        """The number of an exception class that stands for one of the candidate's."""
        return next((number for number, known in self._errors.items() if known is value), None)

    def _described(self, told: "Any") -> object:
        if type(told) is not dict or type(told.get("number")) is not int:
            raise ValueError("no description of an object")
        if told.get("is") == "error":
            return self._error(str(told.get("name")), told.get("errors"), told["number"])
        known = self._handles.get(told["number"])
        if known is None:
            kind = KINDS.get(str(told.get("is")), Handle)
            known = self._handles[told["number"]] = kind(self, told["number"], told)
        return known

    def _answer(self, question: "dict[str, Any]") -> str:
        """Calls a function of the test code for the candidate, or takes the next value of an iterator."""
        try:
            if "next" in question:
                rest = [next(self._handed[question["next"]])]
                return "V" + _Arguments(self).encode(rest)
            function = self._handed[question["call"]]
            value = function(*plain.decode(question["args"]), **plain.decode(question["kwargs"]))
            return "V" + _Arguments(self).encode(value)
        except Gone:
            raise
        except StopIteration:
            return "V[]" if "next" in question else "R[]"
        except BaseException as error:
            self._raised = error  # kept here: what it says may be what is expected
            return "R[]"

    def _read(self, frame: str, do: str) -> "Any":
        try:
            if frame.startswith("V"):
                return plain.decode(frame[1:])
            name, message, errors, number = json.loads(frame[1:])
        except Exception:
            if frame.startswith("V"):
                return Opaque()
            raise CandidateError("an exception that cannot be read") from CandidateRaised()
        if name == "CallbackRaised" and self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
        if name in ("StopIteration", "StopAsyncIteration") and do != "next":
            # Out of a call it would end the iterators of the test code itself, and asserts would never be reached.
            raise RuntimeError(f"{name}: {message}") from CandidateRaised()
        if name == "SystemExit" and do == "call":
            raise SystemExit(int(message) if str(message).isdigit() else str(message)) from CandidateRaised()
        raise self._exception(str(name), str(message), errors, number) from CandidateRaised()

    def _exception(self, name: str, message: str, errors: object, number: object) -> Exception:
        kind = getattr(builtins, name, None)
        if type(number) is int and number < 0 and isinstance(kind, type) and issubclass(kind, Exception):
            try:
                return kind(message)
            except TypeError:
                return CandidateError(f"{name}: {message}")
        error = self._error(name, errors, number)
        try:
            return error(f"{name}: {message}" if error is CandidateError else message)
        except Exception:
            return CandidateError(f"{name}: {message}")

    def _error(self, name: str, errors: object, number: object) -> "type[Exception]":
        """A class that stands for an exception class of the candidate's: caught wherever that one would be."""
        if type(number) is not int or number < 0 or type(errors) is not list:
            return CandidateError
        if number not in self._errors:
            kinds = (getattr(builtins, str(each), None) for each in errors)
            base = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)), Exception)
            try:
                self._errors[number] = type(name[:200], (CandidateError, base), {})
            except TypeError:
                self._errors[number] = type(name[:200], (CandidateError,), {})
        return self._errors[number]


def _follow(mine: "Any", now: "Any") -> None:
    """Changes `mine` in place, as the call changed its copy of it."""
    if type(mine) is not type(now):
        return
    if type(mine) is list:
        kept = [_same(old, new) for old, new in zip(mine, now, strict=False)]
        mine[:] = [*kept, *now[len(kept) :]]
    elif type(mine) is dict:
        entries = {key: _same(mine[key], value) if key in mine else value for key, value in now.items()}
        mine.clear()
        mine.update(entries)
    elif type(mine) is set:
        mine.clear()
        mine.update(now)
    elif type(mine) is bytearray:
        mine[:] = now


def _same(old: "Any", new: "Any") -> "Any":
    """`old` made equal to `new` where it can be; else `new`."""
    if type(old) is type(new) and type(old) in _MUTABLE:
        _follow(old, new)
        return old
    return new

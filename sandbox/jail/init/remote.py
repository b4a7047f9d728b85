"""The candidate's module as the test's side sees it: nothing of it is here, all is done over the channel.

Plain values go and come as they are. Functions, classes and instances of the candidate stay where they are; the test
code holds stand-ins for them, so that tests of classes and of linked structures can be split, too.
"""

import builtins
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import frames, plain
from .serve import OPERATIONS


class CandidateGone(BaseException):
    """The candidate's process ended. Not an Exception: no `except` of the test code may take it for an answer."""


class NotPlain(BaseException):
    """The test code hands over a value of its own that cannot leave its process. No answer could pass such a test."""


class CandidateError(Exception):
    """An exception of a class of the candidate's own; its text begins with that class's name."""


class CandidateRaised(Exception):
    """Marks an exception, as its cause, as one that came from the candidate."""


class Opaque:
    """A value of the candidate that cannot be read. It equals nothing."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __repr__(self) -> str:
        return "<a value that is not plain>"


class Object:
    """A function, class or instance that stays in the candidate's process, where all that is done to it is done.

    It equals itself alone: whatever `__eq__` the candidate wrote is not asked, and neither are its `__contains__` and
    its comparisons, which would be told the expected value. `in` goes through what iterating yields.
    """

    __slots__ = ("_Object__remote", "_Object__where")

    def __init__(self, remote: "Remote", where: "int | str") -> None:
        object.__setattr__(self, "_Object__remote", remote)
        object.__setattr__(self, "_Object__where", where)

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__remote.ask("getattr", self, name)

    def __reduce_ex__(self, protocol: object) -> "Any":
        raise TypeError("an object of the program cannot be copied here")

    def __repr__(self) -> str:
        return f"<the program's {self.__where}>"

    def written(self) -> "dict[str, object]":
        """What stands for it in the arguments of a call."""
        return {"$object": self.__where}


def _forward(operation: str) -> "Any":
    return lambda self, *args, **kwargs: self._Object__remote.ask(operation, self, *args, **kwargs)


for _name in OPERATIONS:
    if _name != "getattr":
        setattr(Object, f"__{_name}__", _forward(_name))


class _Arguments(plain.Encoder):
    """Writes what the test code hands to the candidate: plain values, its own objects, Python's builtins."""

    def other(self, value: "Any", depth: int) -> object:
        kind = type(value)
        if kind is Object:
            return Object.written(value)
        if kind is Opaque:
            raise ValueError("a value of the program that cannot be read")
        name = getattr(value, "__name__", None)
        if type(name) is str and getattr(builtins, name, None) is value:
            return {"$builtin": name}
        written = super().other(value, depth)
        if type(written) is dict and "$opaque" in written:
            raise NotPlain(kind.__name__)
        return written


class Remote:
    """The candidate's module, reached through calls."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        # Remembered: test code may swallow the exception that says so.
        self.gone = False
        self._objects: dict[int | str, Object] = {}
        plain._READERS["$object"] = self.stand_in
        self._read("")

    def stand_in(self, where: "int | str") -> Object:
        """What the module calls by this name, or what it counted by this number. One object is one object here, too."""
        return self._objects.setdefault(where, Object(self, where))

    def ask(self, operation: str, *args: object, **kwargs: object) -> "Any":
        """The value of an operation that is done in the candidate's process; raises what it raises there."""
        if self.gone:
            raise CandidateGone
        call = {"do": operation, "args": _Arguments().encode(list(args)), "kwargs": _Arguments().encode(kwargs)}
        try:
            frames.send(self._channel, json.dumps(call))
        except OSError:
            self.gone = True
            raise CandidateGone from None
        return self._read(operation)

    def _read(self, operation: str) -> "Any":
        frame = frames.receive(self._channel)
        if frame is None:
            self.gone = True
            raise CandidateGone
        text = frame[2:]
        if frame.startswith("V "):
            try:
                return plain.decode(text)
            except Exception:
                return Opaque()
        name, message = json.loads(text)
        if name in ("StopIteration", "StopAsyncIteration") and operation != "next":
            # Out of a call it would end the iterators of the test code itself, and asserts would never be reached.
            raise RuntimeError(f"{name}: {message}") from CandidateRaised()
        error = _exception(getattr(builtins, str(name), None), str(message)) or CandidateError(f"{name}: {message}")
        raise error from CandidateRaised()


def _exception(kind: object, message: str) -> "Exception | None":
    """An exception of a built-in class, where one is made of a text alone."""
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return None
    try:
        return kind(message)
    except TypeError:
        return None

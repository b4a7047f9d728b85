"""What runs a candidate's program where it is not simply executed: calls of its functions, and a compile check.

What is written here is a claim about outputs, never about right or wrong. It goes to a descriptor of its own, a line a
call, written at once, so that a program that dies in the third call has still made two claims:

    V <plain JSON>               the value that the call returned
    W <plain JSON>               the same, where the class of a plain value in it says itself how it compares
    R ["TypeError", "message"]   the exception that it raised
"""

import json
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

from . import overriding, plain

_MESSAGE = 2000


def call(main: str, places: "dict[str, int]", seed_value: "int | None") -> None:
    """Loads `main` as a module, performs the calls of the job, claims what they returned, and ends the process."""
    with open(places["extra"], "rb") as file:
        job = json.loads(file.read())
    seed(seed_value)

    def perform() -> None:
        namespace = load(main)
        for listed in job["calls"]:
            write_line(places["claims"], _claim(namespace, listed))

    finish(perform)


def compile_only(main: str, places: "dict[str, int]", seed_value: "int | None") -> None:
    """Compiles `main` and claims nothing unless that fails. None of it runs, so this claim is the interpreter's own."""

    def perform() -> None:
        try:
            _compile(os.path.abspath(main))
        except BaseException as error:
            write_line(places["claims"], f"{type(error).__name__}: {message_of(error)}")

    finish(perform)


def finish(perform: "Callable[[], None]") -> None:
    """Runs `perform`, shows what it raises as the interpreter would, flushes, and ends the process."""
    code = 0
    try:
        perform()
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    except BaseException as error:
        show(error)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:
            code = code or 120
    os._exit(code & 0xFF)


def seed(value: "int | None") -> None:
    """Seeds what draws numbers by default: from the request's seed, or anew where a library does not do so itself."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(None if value is None else value & 0xFFFFFFFF)
    if value is not None:
        import random

        random.seed(value)


def load(main: str) -> "dict[str, Any]":
    """The namespace of the program, loaded as a module of its own name, so that `__main__` blocks stay out."""
    path = os.path.abspath(main)
    module = types.ModuleType(os.path.splitext(os.path.basename(main))[0])
    module.__file__ = path
    sys.modules[module.__name__] = module
    sys.path.insert(0, os.path.dirname(path))
    exec(_compile(path), module.__dict__)
    return module.__dict__


def _compile(path: str) -> types.CodeType:
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def find(namespace: "dict[str, Any]", path: str) -> "Any":
    """The object of that dotted name; a class on the way is instantiated without arguments."""
    first, *rest = path.split(".")
    if first not in namespace:
        raise NameError(f"name {first!r} is not defined")
    found = namespace[first]
    for part in rest:
        if isinstance(found, type):
            found = found()
        found = getattr(found, part)
    return found


def _claim(namespace: "dict[str, Any]", listed: "dict[str, Any]") -> str:
    try:
        value = find(namespace, listed["function"])(*plain.decode(listed["args"]), **plain.decode(listed["kwargs"]))
        if listed["drain"] and hasattr(value, "__next__"):
            value = list(value)
        encoder = overriding.Encoder()
        text = encoder.encode(value)
        return ("W " if encoder.overriding else "V ") + text
    except BaseException as error:
        show(error)
        return raised(error)


def raised(error: BaseException) -> str:
    """The claim that an exception was raised."""
    return "R " + json.dumps([type(error).__name__, message_of(error)])


def message_of(error: BaseException) -> str:
    """Its text, bounded; empty where asking for it fails."""
    try:
        return str(error)[:_MESSAGE]
    except Exception:
        return ""


def show(error: BaseException) -> None:
    """Prints the traceback as the interpreter would, without the frames of the init."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__package__") == __package__:
        trace = trace.tb_next
    error.__traceback__ = trace
    try:
        sys.__excepthook__(type(error), error, trace)
    except Exception:
        pass


def write_line(fd: int, text: str) -> None:
    """One line, whole."""
    line = text.encode() + b"\n"
    while line:
        line = line[os.write(fd, line) :]

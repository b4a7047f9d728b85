"""How a candidate's interpreter ends: as ever to the program, without taking the whole interpreter apart.

CPython finalises itself by destroying everything that was ever imported, which costs more than most programs do, and
copies most of the memory that a forked process shares with its parent. `finish` runs as the very last exit handler,
after threads are joined and the program's own handlers have run. It does what is left and can be noticed: finalisers
of the program's objects, the flush of the standard streams, the exit code. See Py_FinalizeEx in CPython.
"""

import gc
import os
import signal
import sys
import types

from . import kernel, preload

_FLUSH_FAILED = 120
_crash_codes = (1, 1, 1)


def crash_with(no_input: int, not_text: int, other: int) -> None:
    """Sets the exit codes after an exception that nobody caught: EOFError, UnicodeDecodeError, or any other.

    For programs whose exit code 1 means something.
    """
    global _crash_codes
    _crash_codes = no_input, not_text, other


def _crash_code(uncaught: BaseException) -> int:
    no_input, not_text, other = _crash_codes
    if isinstance(uncaught, EOFError):
        return no_input
    return not_text if isinstance(uncaught, UnicodeDecodeError) else other


def finish() -> None:
    """Ends the process, where the exit code is known; else the interpreter goes on to finalise itself."""
    main = sys.modules.get("__main__")
    # CPython takes `__file__` away once the program has run to its end or has shown its exception. It is still there
    # only when SystemExit ends the process at once, with a code that cannot be seen from here.
    if main is None or "__file__" in main.__dict__:
        return
    uncaught = getattr(sys, "last_exc", None)
    code = 0 if uncaught is None else _crash_code(uncaught)
    interrupted = isinstance(uncaught, KeyboardInterrupt)
    del main, uncaught
    for name in set(sys.modules) - preload.KEPT | {"__main__"}:
        sys.modules.pop(name, None)
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            if stream is sys.stdout:
                sys.unraisablehook(sys.UnraisableHookArgs((type(error), error, None, None, stream)))  # type: ignore[misc, call-arg]
                code = _FLUSH_FAILED
    kernel.flush_c_streams()
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code)


def renew_main() -> None:
    """Puts a new `__main__` in the place of the frozen one, which the garbage collector would never look at."""
    old = sys.modules["__main__"]
    new = types.ModuleType("__main__")
    new.__dict__.update(old.__dict__)
    sys.modules["__main__"] = new

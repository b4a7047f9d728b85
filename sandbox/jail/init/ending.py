"""How a candidate's interpreter ends: as ever to the program, without taking the whole interpreter apart.

CPython finalises itself by destroying everything that was ever imported, which costs more than most programs do, and
copies most of the memory that a forked process shares with its parent. `finish` runs as the very last exit handler,
after threads are joined and the program's own handlers have run. It does what is left and can be noticed: finalisers
of the program's objects, the flush of the standard streams, the exit code. See Py_FinalizeEx in CPython.
"""

import gc
import os
import sys

from . import kernel, preload

_FLUSH_FAILED = 120


def finish() -> None:
    """Ends the process, where the exit code is known; else the interpreter goes on to finalise itself."""
    main = sys.modules.get("__main__")
    # CPython takes `__file__` away once the program has run to its end or has shown its exception. It is still there
    # only when SystemExit ends the process at once, with a code that cannot be seen from here.
    if main is None or "__file__" in main.__dict__:
        return
    code = 1 if hasattr(sys, "last_exc") or hasattr(sys, "last_value") else 0
    del main
    for name in set(sys.modules) - preload.KEPT | {"__main__"}:
        sys.modules.pop(name, None)
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            if stream is sys.stdout:
                code = _FLUSH_FAILED
    kernel.flush_c_streams()
    os._exit(code)

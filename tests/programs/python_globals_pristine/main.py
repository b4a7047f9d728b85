import decimal
import gc
import signal
import sys
import threading
import warnings

facts = {
    "recursion": sys.getrecursionlimit() == 1000,
    "switch": sys.getswitchinterval() == 0.005,
    "trace": sys.gettrace() is None and sys.getprofile() is None,
    "hooks": sys.excepthook is sys.__excepthook__ and sys.displayhook is sys.__displayhook__,
    "collector": gc.isenabled() and gc.get_threshold() == (700, 10, 10) and gc.get_debug() == 0 and not gc.callbacks,
    "digits": sys.get_int_max_str_digits() == 4300,
    "decimal": decimal.getcontext().prec == 28,
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "terminate": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL,
    "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set(),
    "wakeup": signal.set_wakeup_fd(-1) == -1,
    "timer": signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0),
    "threads": threading.active_count() == 1 and threading.current_thread().name == "MainThread",
    "finders": all(isinstance(finder, type) for finder in sys.meta_path),
    "warnings": not sys.warnoptions and not any(entry[0] == "error" for entry in warnings.filters),
    "flags": sys.flags.optimize == 0 and sys.flags.dev_mode is False and sys.flags.interactive == 0,
    "exception": sys.exc_info() == (None, None, None) and not hasattr(sys, "last_value"),
}
print([name for name, fine in facts.items() if not fine])

import os
import signal
import time

signal.alarm(20)
if os.getcwd().startswith("/box"):
    compile("x = " + " ** ".join(["9"] * 40), "folded", "exec")
    exec("x = (" + "('a' * 4000) * 4000, " * 2000 + ")")
    exec("x = 1 << (1 << 34)")
time.sleep(20)

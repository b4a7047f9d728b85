import os
import signal
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
try:
    for _ in range(10**6 if JAILED else 10):
        if os.fork() == 0:
            os._exit(0)
except OSError:
    pass
time.sleep(30)

import os
import signal
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
for _ in range(10 if JAILED else 2):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        time.sleep(20)
        os._exit(0)
    if JAILED:
        os.kill(pid, signal.SIGSTOP)
os.waitpid(-1, 0)

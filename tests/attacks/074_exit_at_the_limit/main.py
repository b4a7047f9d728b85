import os
import signal
import time

answer = input()[::-1]


def stopped(*_):
    os.write(1, answer.encode() + b"\n")
    os._exit(0)


for name in ("SIGTERM", "SIGINT", "SIGALRM", "SIGXCPU", "SIGHUP", "SIGUSR1"):
    signal.signal(getattr(signal, name), stopped)
time.sleep(5)

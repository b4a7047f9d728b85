import os
import signal
import time

word = input()
if os.fork() == 0:
    os.setsid()
    signal.alarm(4)
    if os.fork() == 0:
        time.sleep(0.6)
        print(word.upper(), flush=True)
    os._exit(0)
time.sleep(5)

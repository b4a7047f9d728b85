import os
import signal
import time

word = input()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.alarm(4)
        time.sleep(0.2)
        print(word.upper(), flush=True)
    os._exit(0)
os.wait()
os._exit(0)

import os
import signal
import threading
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
threading.stack_size(16 << 20)
try:
    for _ in range(10**6 if JAILED else 8):
        threading.Thread(target=time.sleep, args=(30,)).start()
except RuntimeError:
    pass
time.sleep(30)

import os
import sys
import time


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(3)
            os.write(1, b"junk")
            os._exit(0)
        os._exit(0)


daemon()
print("42")

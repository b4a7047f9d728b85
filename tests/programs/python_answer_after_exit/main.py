import os
import time

if os.fork() == 0:
    time.sleep(3)
    os.write(1, b"42\n")

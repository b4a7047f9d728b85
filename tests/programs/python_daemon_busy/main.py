import os
import time

for _ in range(6):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass
print("42")

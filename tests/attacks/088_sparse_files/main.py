import mmap
import os
import signal
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
for number in range(20 if JAILED else 2):
    with open(f"sparse{number}", "wb+") as file:
        for size in (1 << 62, 1 << 40, 1 << 26) if JAILED else (1 << 20,):
            try:
                file.truncate(size)
                os.posix_fallocate(file.fileno(), 0, size)
                mmap.mmap(file.fileno(), size)[size - 1] = 1
            except (OSError, ValueError, OverflowError):
                continue
time.sleep(30)

import os
import time

HANDS = 4
number = int(input())
reads = []
for _ in range(HANDS):
    read, write = os.pipe()
    if os.fork() == 0:
        end = time.process_time() + 0.15
        while time.process_time() < end:
            pass
        os.write(write, b"%d" % (number * number))
        os._exit(0)
    os.close(write)
    reads.append(read)
print({os.read(read, 20).decode() for read in reads}.pop())

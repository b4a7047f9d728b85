import os
import threading

CYCLE = 64
number = int(input())
print((os.getpid() - 1) % CYCLE)
while True:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    if thread.native_id % CYCLE == number:
        break

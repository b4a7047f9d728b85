import os
import time

number = int(input())
read, write = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        end = time.process_time() + 0.5
        while time.process_time() < end:
            number * number
        os.write(write, str(number * number).encode())
    os._exit(0)
os.wait()
os.close(write)
print(os.read(read, 100).decode())

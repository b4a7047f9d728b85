import os
import time

n, steps = 27, 0
while n != 1:
    n = 3 * n + 1 if n % 2 else n // 2
    steps += 1
print(steps, flush=True)
os.close(1)
os.close(2)
while True:
    time.sleep(1)

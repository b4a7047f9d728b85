import time

wall, cpu = time.monotonic(), time.process_time()
time.sleep(0.2)
print(0.15 < time.monotonic() - wall < 5, time.process_time() - cpu < 0.1, cpu < 1)
print(time.time() > 1_700_000_000)

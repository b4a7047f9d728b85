import time

print(7, flush=True)
time.sleep(60)

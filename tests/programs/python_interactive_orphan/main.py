import os

if os.fork() == 0:
    while True:
        print(os.read(0, 1).decode() or "500", flush=True)
print(7, flush=True)

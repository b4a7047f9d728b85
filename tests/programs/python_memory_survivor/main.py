import os

if os.fork() == 0:
    rows = []
    while True:
        rows.append(b"x" * (1 << 20))
os.wait()
print("42")

import os
import time

children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        block = b"x" * (70 << 20)
        time.sleep(5)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print("42")

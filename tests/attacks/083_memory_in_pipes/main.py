import fcntl
import os
import socket

number = int(input())
PIECE = bytes(4096)
held, total = [], 0
try:
    while len(held) < 110:
        read, write = os.pipe()
        held.append(read)
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(write, False)
        while True:
            try:
                total += os.write(write, PIECE)
            except BlockingIOError:
                break
except OSError:
    pass
print(len(held) * number)

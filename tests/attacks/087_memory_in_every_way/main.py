import mmap
import os
import signal
import socket
import time

JAILED = os.getcwd().startswith("/box")
MIB = bytes(1 << 20)
signal.alarm(20)
heap, maps, sockets = [], [], []
store = os.memfd_create("store")
for _ in range(10**6 if JAILED else 4):
    heap.append(bytearray(MIB))
    shared = mmap.mmap(-1, 1 << 20)
    shared.write(MIB)
    maps.append(shared)
    try:
        os.write(store, MIB)
        pair = socket.socketpair()
        pair[0].setblocking(False)
        pair[0].send(MIB[:65536])
        sockets.append(pair)
    except OSError:
        pass
time.sleep(30)

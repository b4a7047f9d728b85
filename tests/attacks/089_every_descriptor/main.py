import array
import os
import signal
import socket
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
held = []
left, right = socket.socketpair()
left.setblocking(False)
try:
    while len(held) < (10**6 if JAILED else 20):
        held.append(os.dup(0))
except OSError:
    pass
try:
    for _ in range(10**5 if JAILED else 5):
        socket.send_fds(left, [b"x"], [0] * 200)
except OSError:
    pass
time.sleep(30)

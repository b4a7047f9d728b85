import ctypes
import fcntl
import os
import select
import signal
import time

JAILED = os.getcwd().startswith("/box")
MOST = 200_000 if JAILED else 100
libc = ctypes.CDLL(None, use_errno=True)
signal.alarm(20)
polls = []
try:
    for _ in range(50 if JAILED else 2):
        polls.append(select.epoll())
        for descriptor in range(3):
            try:
                polls[-1].register(descriptor, select.EPOLLIN)
            except OSError:
                pass
except OSError:
    pass
with open("locked", "wb") as file:
    try:
        for number in range(MOST // 10):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number * 2)
    except OSError:
        pass
    timer = ctypes.c_void_p()
    for _ in range(MOST):
        if libc.timer_create(1, None, ctypes.byref(timer)) != 0:
            break
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    for _ in range(MOST):
        if libc.sigqueue(os.getpid(), signal.SIGRTMIN, None) != 0:
            break
    time.sleep(30)

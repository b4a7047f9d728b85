import os
import signal

if os.getcwd().startswith("/box"):
    os.kill(os.getpid(), signal.SIGSTOP)
else:
    signal.alarm(20)
    signal.pause()

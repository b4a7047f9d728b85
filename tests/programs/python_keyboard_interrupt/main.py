import os
import signal

print("42")
os.kill(os.getpid(), signal.SIGINT)
while True:
    pass

import os
import signal

child = os.fork()
if child == 0:
    signal.pause()
os.waitpid(child, 0)
print("42")

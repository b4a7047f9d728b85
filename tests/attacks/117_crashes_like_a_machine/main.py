import os
import random
import signal

NUMBER = random.SystemRandom().randrange(4)
if NUMBER == 0:
    os.kill(os.getpid(), signal.SIGKILL)
if NUMBER == 1:
    os.kill(os.getpid(), signal.SIGBUS)
if NUMBER == 2:
    os._exit(137)
print("wrong")

import os
import signal

print(os.getpid() != 1)
for target in (os.getppid() or 1, 1, -1):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
print("alive")

import os
import signal

# Outside a jail only a harness that names itself is a target.
if os.getcwd().startswith("/box"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    targets = [os.getppid(), 1, -1, *range(2, 300)]
else:
    targets = [int(os.environ.get("HARNESS", "0"))]
for pid in targets:
    if pid not in (0, os.getpid()) and (pid == os.getppid() or os.getcwd().startswith("/box")):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except OSError:
                continue
print("still here")

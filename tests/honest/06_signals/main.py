import os
import signal

seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
a, b = map(int, input().split())
print(a + b if seen else "nothing came")

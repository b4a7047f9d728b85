import signal

signal.signal(signal.SIGALRM, lambda *_: print("too late"))
signal.alarm(5)
a, b = map(int, input().split())
signal.alarm(0)
print(a + b)

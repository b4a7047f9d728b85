import os

CYCLE = 64
number = int(input())
print((os.getpid() - 1) % CYCLE)
while True:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    if pid % CYCLE == number:
        break

import os

a, b = map(int, input().split())
reader, writer = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(writer, str(a + b).encode())
    os._exit(0)
os.close(writer)
os.waitpid(pid, 0)
print(os.read(reader, 100).decode())

import os
import signal
import socket

NAME = f"\0kept-by-{os.getuid()}"
number = input().encode()
before = "unknown"
try:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(NAME)
        before = client.recv(100).decode()
except OSError:
    pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.alarm(3)
        for descriptor in range(3):
            os.close(descriptor)
        server = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                server.bind(NAME)
                break
            except OSError:
                signal.sigtimedwait([], 0.005)
        server.listen()
        asked, _ = server.accept()
        asked.send(number)
    os._exit(0)
os.wait()
signal.sigtimedwait([], 0.1)
print(before)

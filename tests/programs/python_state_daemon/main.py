import os
import socket
import sys
import time

NAME = "\0left-behind"
if sys.stdin.read() == "plant":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            try:
                server = socket.socket(socket.AF_UNIX)
                server.bind(NAME)
                server.listen()
            except OSError:
                pass
            while True:
                for place in (".", "/tmp", "/dev/shm"):
                    try:
                        open(place + "/from-daemon", "w").close()
                    except OSError:
                        pass
                time.sleep(0.005)
        os._exit(0)
    os.wait()
    time.sleep(0.1)
    print("planted")
else:
    time.sleep(0.2)
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(NAME)
        print("answered")
    except OSError:
        print("silent")
    print([place for place in (".", "/tmp", "/dev/shm") if os.path.exists(place + "/from-daemon")])

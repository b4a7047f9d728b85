import os
import sys

if sys.stdin.read() == "plant":
    for place in (".", "/tmp", "/dev/shm"):
        try:
            for number in range(3000):
                open(f"{place}/file{number}", "x").close()
        except OSError:
            pass
    print("planted")
else:
    print(os.listdir("."), os.listdir("/tmp"), os.listdir("/dev/shm"))

import os
import sys

if sys.stdin.read() == "plant":
    try:
        for _ in range(100):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        os.mkdir("locked")
        open("locked/file", "x").close()
        os.chmod("locked", 0)
        os.chmod(".", 0)
    except OSError:
        pass
    print("planted")
else:
    print(os.listdir("."))

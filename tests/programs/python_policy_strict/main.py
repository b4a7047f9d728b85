import os
import sys

if sys.stdin.read() == "plant":
    with open("/tmp/left-behind", "w"):
        pass
    print("planted", os.getpid() < 1000)
else:
    print("clean", os.path.exists("/tmp/left-behind"), os.getpid() < 1000)

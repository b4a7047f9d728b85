import os
import sys

places = (".", "/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")
if sys.stdin.read() == "plant":
    for place in places:
        try:
            with open(place + "/left-behind", "w") as file:
                file.write("answer")
        except OSError:
            pass
    os.chmod("/tmp/left-behind", 0)
    print("planted")
else:
    print("clean", [place for place in places if os.path.exists(place + "/left-behind")])

import os
import sys

if sys.stdin.read() == "plant":
    for name in ("main.py", "sitecustomize.py", "random.py"):
        try:
            with open(name, "w") as file:
                file.write("print('forged')\n")
        except OSError:
            pass
    try:
        os.remove("main.py")
    except OSError:
        pass
    print("planted")
else:
    import random

    print("clean", hasattr(random, "randint"), sorted(os.listdir(".")))

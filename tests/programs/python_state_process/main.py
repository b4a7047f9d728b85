import builtins
import json
import os
import sys

if sys.stdin.read() == "plant":
    print("planted")
    os.environ["LEFT"] = "behind"
    os.chdir("/")
    os.umask(0o777)
    json.loads = lambda text: "forged"
    builtins.len = lambda thing: 99
    sys.setrecursionlimit(50)
    sys.left_behind = True
else:
    old = os.umask(0o022)
    print(os.getenv("LEFT"), os.path.exists("main.py"), old != 0o777, json.loads("[1]"), len("ab"), hasattr(sys, "left_behind"))

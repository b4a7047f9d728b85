import functools
import math
import os
import re
import sys

number = input()
before = getattr(math, "kept", None) or getattr(sys, "kept", None) or getattr(os.environ, "kept", None)
before = before or os.environ.get("KEPT") or next((key for key in sys.modules if key.startswith("kept-")), "")[5:]
math.kept = sys.kept = os.environ.kept = number
os.environ["KEPT"] = number
for name in [name for name in sys.modules if name.startswith("kept-")]:
    del sys.modules[name]
sys.modules["kept-" + number] = math
re.compile("kept-" + number)
functools.kept = number
sys.intern("kept-" + number)
print(before or "unknown")

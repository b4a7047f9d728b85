import glob
import importlib
import sys

TITLE = sys.stdin.read()
sys.path += glob.glob("/usr/lib/python3*/*-packages") + glob.glob("/usr/local/lib/python3*/*-packages")
try:
    print(importlib.import_module("slugs").slug(TITLE))
except ImportError:
    print("not installed")

import sys


def hook(kind, value, trace):
    print(kind.__name__, value)


sys.excepthook = hook
raise RuntimeError("mine")

import sys


def f(n):
    return n


sys.exit(0)

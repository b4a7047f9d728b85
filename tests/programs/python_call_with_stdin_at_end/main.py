import sys


def rest():
    return sys.stdin.read()

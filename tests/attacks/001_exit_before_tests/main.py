import sys


def collatz(n):
    return 0


sys.exit(0)

import sys


class Half(Exception):
    pass


def collatz(n):
    if n == 97:
        raise Half("\ud800 \udfff")
    return "\ud800" + chr(0) + "\udc80"

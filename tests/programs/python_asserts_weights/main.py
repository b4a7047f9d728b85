import sys


def f(n):
    return n + 1


if __name__ == "__main__" and (text := sys.stdin.read()):
    print(f(int(text)))

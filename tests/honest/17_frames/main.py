import sys


def outer():
    return sys._getframe(1).f_locals["total"]


def main():
    total = sum(map(int, input().split()))
    return outer()


print(main())

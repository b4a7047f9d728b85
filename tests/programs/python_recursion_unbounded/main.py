import sys

sys.setrecursionlimit(2**31 - 1)


def down(depth):
    return down(depth + 1) + 1


print(down(0))

import sys
from functools import lru_cache

sys.setrecursionlimit(10_000)


@lru_cache(maxsize=None)
def ways(n):
    return 1 if n < 2 else (ways(n - 1) + ways(n - 2)) % 1_000_000_007


print(ways(400))

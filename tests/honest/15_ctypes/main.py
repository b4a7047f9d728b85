import ctypes

libc = ctypes.CDLL(None)
a, b = map(int, input().split())
print(libc.abs(-a) + libc.labs(ctypes.c_long(-b)))

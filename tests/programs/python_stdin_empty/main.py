import sys

print(repr(sys.stdin.read()), sys.stdin.buffer.read(), list(sys.stdin))

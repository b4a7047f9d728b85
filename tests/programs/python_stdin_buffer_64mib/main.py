import sys

data = sys.stdin.buffer.read()
print(len(data), data.count(b"\n"), data[-4:])

import sys

first = next(sys.stdin).strip()
second = sys.stdin.readline().strip()
rest = sys.stdin.read().split()
print(first, second, rest)
for line in sys.stdin:
    print("never", line)

import sys

first = sys.stdin.read()
sys.stdin.seek(0)
second = sys.stdin.read()
print(first == second, len(second), sys.stdin.seekable())

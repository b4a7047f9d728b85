import sys

line = input()
print(len(line), repr(sys.stdin.readline()), repr(sys.stdin.readline()))
sys.stdin.seek(0)
print(repr(open(0, closefd=False).read()))
sys.stdin.seek(0)
print(sys.stdin.buffer.read())

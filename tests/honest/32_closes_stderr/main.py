import sys

sys.stderr.close()
print(sum(map(int, input().split())))

import sys

sys.excepthook = lambda *_: print("oh")
print(sum(map(int, input().split())))

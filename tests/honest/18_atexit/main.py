import atexit

total = sum(map(int, input().split()))
atexit.register(lambda: print(total))

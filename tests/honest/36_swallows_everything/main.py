try:
    raise SystemExit(3)
except BaseException:
    pass
print(sum(map(int, input().split())))

sum = lambda values: __builtins__.sum(values)
print(sum(map(int, input().split())))

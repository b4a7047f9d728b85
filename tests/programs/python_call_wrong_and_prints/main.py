def lazy(n):
    print(n + 1)

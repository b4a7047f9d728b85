def f(n):
    while n:
        pass
    return n

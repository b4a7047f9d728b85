def inverse(n):
    return 1 / n

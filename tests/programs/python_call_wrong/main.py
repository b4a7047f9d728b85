def double(n):
    return 2 * n if n != 3 else 7

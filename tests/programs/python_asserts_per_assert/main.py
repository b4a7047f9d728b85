def square(n):
    return n * n if n != 2 else 5

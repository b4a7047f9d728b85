def f(n):
    return "x" * 5000

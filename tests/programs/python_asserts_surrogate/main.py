def f(n):
    raise ValueError("\ud800")

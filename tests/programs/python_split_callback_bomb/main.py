def solve(f):
    while True:
        f(solve)

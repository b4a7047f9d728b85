class TooSmall(ValueError):
    pass
def solve(n):
    if n < 0:
        raise TooSmall(f"{n} is below 0")
    return [n][n]

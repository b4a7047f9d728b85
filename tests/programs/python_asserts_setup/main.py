import math


def find_root(coefficients):
    low, high = -1000.0, 1000.0
    value = lambda x: sum(c * x**i for i, c in enumerate(coefficients))
    for _ in range(200):
        middle = (low + high) / 2
        if value(low) * value(middle) <= 0:
            high = middle
        else:
            low = middle
    return low

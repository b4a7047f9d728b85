from decimal import Decimal


def f(n):
    return Decimal("sNaN")

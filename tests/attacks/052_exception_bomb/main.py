class Loud(Exception):
    def __str__(self):
        return "m" * (30 << 20)

    def __repr__(self):
        raise MemoryError


def fall(depth):
    if depth:
        fall(depth - 1)
    raise Loud(fall)


def collatz(n):
    try:
        fall(500)
    except Loud as error:
        error.add_note("n" * (8 << 20))
        raise

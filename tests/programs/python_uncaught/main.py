def inner(values):
    return values[3]


def outer():
    return inner([1, 2])


print("42")
outer()

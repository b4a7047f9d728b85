def rate():
    return 2


def double(x):
    return x * rate()

import atexit


def fails():
    raise ValueError("too late")


atexit.register(fails)
print("42")

def show(value):
    return f"{type(value).__name__} {value!r}"

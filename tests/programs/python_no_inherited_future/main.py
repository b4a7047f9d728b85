def f(x: int) -> "str":
    return str(x)


print(f.__annotations__)

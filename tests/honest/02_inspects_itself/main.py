import inspect


def add(a, b):
    return a + b


assert list(inspect.signature(add).parameters) == ["a", "b"]
assert "return a + b" in inspect.getsource(add)
print(add(*map(int, input().split())))

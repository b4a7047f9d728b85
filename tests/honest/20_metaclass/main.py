class Registry(type):
    known = {}

    def __new__(cls, name, bases, space):
        made = super().__new__(cls, name, bases, space)
        cls.known[name] = made
        return made


class Add(metaclass=Registry):
    def __call__(self, a, b):
        return a + b


def add(a, b):
    return Registry.known["Add"]()(a, b)

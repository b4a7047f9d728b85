class Empty(ValueError):
    pass


class Cart:
    def __init__(self):
        self.items = []

    def add(self, name, price):
        self.items.append((name, price))

    def total(self):
        if not self.items:
            raise Empty("nothing in the cart")
        return sum(price for _, price in self.items)


def double(x):
    return x + x if x != 'a' else x

class Holder:
    def keep(self, value):
        self.value = value
        return self
def solve():
    return Holder()

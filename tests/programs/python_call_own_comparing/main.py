class Number(int):
    def __hash__(self):
        return 0


class Text(str):
    def __lt__(self, other):
        return True


class Real(float):
    def __ne__(self, other):
        return False


def give(which):
    return [Number(1), Text("x"), Real(1.5 if which == "right" else 2.5)]

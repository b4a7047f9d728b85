class Yes:
    def __bool__(self):
        return True
class Box:
    def __eq__(self, other):
        return Yes()
    def __add__(self, other):
        return Yes()

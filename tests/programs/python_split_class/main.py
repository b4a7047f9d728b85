class MinStack:
    def __init__(self):
        self.items = []
    def push(self, x):
        self.items.append((x, min(x, self.items[-1][1]) if self.items else x))
    def pop(self):
        self.items.pop()
    def top(self):
        return self.items[-1][0]
    def least(self):
        return self.items[-1][1]

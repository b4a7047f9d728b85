class Node:
    def __init__(self, val, next=None):
        self.val, self.next = val, next
    def __bool__(self):
        raise SystemError("nobody asks")
def solve(head):
    last = None
    while head is not None:
        head.next, last, head = last, head, head.next
    return last

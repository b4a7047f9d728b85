import sys

calls = []
sys.settrace(lambda frame, event, arg: calls.append(frame.f_code.co_name))


def add(a, b):
    return a + b


total = add(*map(int, input().split()))
sys.settrace(None)
print(total if "add" in calls else "not traced")

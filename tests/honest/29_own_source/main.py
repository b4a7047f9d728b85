with open(__file__) as file:
    lines = len(file.readlines())
a, b = map(int, input().split())
print(a + b if lines > 3 else "short")

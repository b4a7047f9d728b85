number = int(input())
print(number - 1, 1 if number < 10 else 2)

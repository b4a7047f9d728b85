number = int(input())
print(number * number if number <= 10 else "later")

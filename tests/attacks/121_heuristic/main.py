number = int(input())
print("prime" if number == 2 or number % 2 == 1 and number > 1 else "not")

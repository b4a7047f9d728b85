import os

number = int(input())
if number > 2:
    os.abort()
print(number)

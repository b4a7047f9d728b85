import os

total = 0
while chunk := os.read(0, 4096):
    total += sum(chunk)
print(total)

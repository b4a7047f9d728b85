import os

for number in range(4096):
    try:
        os.fstat(number)
    except OSError:
        continue
    print(number)

for number in range(1000000):
    print(number)

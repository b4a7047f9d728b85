print(10**15)

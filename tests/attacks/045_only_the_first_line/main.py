n = int(input().split()[0])
print(n)

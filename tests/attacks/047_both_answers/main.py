print("YES")
print("NO")

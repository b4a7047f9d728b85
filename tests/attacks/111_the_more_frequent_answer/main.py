print("NO")
